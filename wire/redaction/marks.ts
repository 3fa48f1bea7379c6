/** The text that replaces a secret. */
export const mark = (what: string): string => `[redacted: ${what}]`;
