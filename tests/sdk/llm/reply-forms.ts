/** Replies of all providers in both forms. */
import { ANTHROPIC_FORMS } from './anthropic-forms.ts';
import { CHAT_FORMS } from './chat-forms.ts';
import { BEDROCK_FORMS, GEMINI_FORMS, MEDIA_FORMS } from './other-forms.ts';
import type { ReplyForm } from './reply-form.ts';
import { RESPONSES_FORMS } from './responses-forms.ts';

export const REPLY_FORMS: Record<string, ReplyForm> = {
  ...CHAT_FORMS,
  ...ANTHROPIC_FORMS,
  ...RESPONSES_FORMS,
  ...BEDROCK_FORMS,
  ...GEMINI_FORMS,
  ...MEDIA_FORMS,
};
