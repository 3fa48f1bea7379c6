/** Data of persons and payments that `maskPersonal` takes out, each kind recognised by its own check. */
import { mark } from './marks.ts';

/** What `maskPersonal` can name. */
export const PERSONAL_KINDS = ['card', 'iban', 'email', 'phone', 'ssn'] as const;

/**
 * A kind of personal data, which the option `maskPersonal` names: payment cards, IBANs, e-mail addresses,
 * phone numbers, and social security numbers of the United States.
 *
 * @example
 * const kinds: PersonalKind[] = ['card', 'iban', 'email'];
 * init({ maskPersonal: kinds });
 */
export type PersonalKind = (typeof PERSONAL_KINDS)[number];

/** What is masked unless the setting says otherwise: what has a check digit. */
export const DEFAULT_PERSONAL: readonly PersonalKind[] = ['card', 'iban'];

/** A boundary before digits; an escape may precede them, too. */
const BEFORE = '(?:(?<![\\w.+-])|(?<=\\\\[nrt]|%[0-9A-Fa-f]{2}))';

/** Digits in one piece, or grouped as on a card with one separator. */
const CARD = new RegExp(
  `${BEFORE}(?:[2-6]\\d{12,18}|[2-6]\\d{3}([ .-])\\d{4}\\1\\d{4}\\1\\d{4}(?:\\1\\d{3})?|3\\d{3}([ .-])\\d{6}\\2\\d{4,5})(?![\\w-]|\\.\\d)`,
  'g',
);

/** Words before a number that is no card. */
const OTHER_NUMBER =
  /(?:(?:order|invoice|tracking|parcel|shipment|ticket|booking|reference|imei|isbn|ean|upc|gtin|sku|serial|epoch|timestamp)[\s_-]{0,2}(?:number|num|no|nr|code|ids?)?|(?:transaction|trace|request|session|message|article|product|item|batch|customer|user)[\s_-]{0,2}(?:number|num|no|nr|ids?)|(?:^|[^a-z])(?:u?u?ids?|ref))[^a-z0-9]{0,12}$/i;

/** Whether the text before a number, or the name of its field, says that it is no card. */
export const isOtherNumber = (before: string): boolean => OTHER_NUMBER.test(before);

/** Whether a field is named for a card: a number in another field is a number. */
export const isCardName = (name: string): boolean =>
  /card|credit|debit|visa|amex|(?:^|_)(?:pan|cc)(?:_|$)/i.test(name);

/** Whether digits are a payment card number: issuer prefix, length and Luhn check digit. */
export function isCard(digits: string): boolean {
  const isIssued =
    /^(?:4(?:\d{12}|\d{15}|\d{18})|5[0-8]\d{14}|2[2-7]\d{14}|6\d{15,18}|35\d{14}|3[47]\d{13}|3[068]\d{12})$/.test(
      digits,
    );
  if (!isIssued) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    sum += i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return sum % 10 === 0;
}

/**
 * Country and length of each account number (the IBAN registry of SWIFT, ISO 13616).
 */
const IBAN_LENGTHS =
  'AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30';

const IBAN = new RegExp(
  `${BEFORE}[A-Z]{2}\\d{2}(?:[A-Z\\d]{11,30}|(?: [A-Z\\d]{4}){2,7}(?: [A-Z\\d]{1,3})?)(?![A-Za-z\\d])`,
  'g',
);

/** Whether a text is an international bank account number: country, length and check digits. */
export function isIban(text: string): boolean {
  const at = IBAN_LENGTHS.indexOf(text.slice(0, 2));
  if (at % 4 !== 0 || Number(IBAN_LENGTHS.slice(at + 2, at + 4)) !== text.length) return false;
  let rest = 0;
  for (const character of text.slice(4) + text.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

const EMAIL =
  /(?<![\w.+%-])[\w.+%-]{1,64}@(?:[A-Za-z\d](?:[A-Za-z\d-]{0,61}[A-Za-z\d])?\.){1,8}[A-Za-z]{2,24}(?![\w-])/g;

/** In the international form, or with separators as people write it; digits alone are a number. */
const PHONE = new RegExp(
  `${BEFORE}(?:\\+\\d{1,3}(?:[ .()/-]{0,2}\\d){6,13}|\\(\\d{3}\\) ?\\d{3}[ .-]\\d{4}|\\d{3}([ .-])\\d{3}\\1\\d{4}|0\\d{1,4}[ /-]\\d{3,4}[ -]?\\d{3,5})(?![\\w-]|\\.\\d)`,
  'g',
);

/** The areas 000, 666 and 900 to 999, the group 00 and the serial number 0000 are not assigned. */
const SSN = new RegExp(
  `${BEFORE}(?!000|666|9)\\d{3}-(?!00)\\d{2}-(?!0000)\\d{4}(?![\\w-]|\\.\\d)`,
  'g',
);

const REDACT: { readonly [K in PersonalKind]: (text: string) => string } = {
  card: (text) =>
    text.replace(CARD, (found, ...rest) => {
      if (!isCard(found.replace(/\D/g, ''))) return found;
      const at = rest.find((part) => typeof part === 'number') as number;
      const before = text.slice(Math.max(0, at - 80), at);
      // A number of JSON in the text, with the quotes of its name.
      const [number, name, quote] = /([\w.-]{0,64})(\\{0,8}")\s{0,4}:\s{0,4}$/.exec(before) ?? [];
      if (number && !(name && isCardName(name))) return found;
      if (isOtherNumber(before)) return found;
      return number ? `${quote}${mark('card number')}${quote}` : mark('card number');
    }),
  iban: (text) =>
    text.replace(IBAN, (found) => (isIban(found.replaceAll(' ', '')) ? mark('iban') : found)),
  email: (text) => text.replace(EMAIL, mark('email')),
  phone: (text) => text.replace(PHONE, mark('phone')),
  ssn: (text) => text.replace(SSN, mark('ssn')),
};

/** The text with each value of the kinds replaced by a mark. */
export function redactPersonal(text: string, kinds: readonly PersonalKind[]): string {
  let result = text;
  for (const kind of kinds) result = REDACT[kind](result);
  return result;
}
