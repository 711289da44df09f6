import type { ChannelName } from '../../model/notification-request.ts';
import type { VariableType } from '../../model/variable-type.ts';

/** The texts of a message as Liquid. Everything renders to plain text: the channels escape for their own forms. */
export interface TemplateTexts {
  readonly subject: string;
  readonly message: string;
  /** The same for all mails of a thread; left out: the subject. */
  readonly mailSubject?: string;
  /** For channels that count characters; left out: subject and message. */
  readonly shortText?: string;
}

/** Other texts for one channel, one locale, or both; what it leaves out is as in the template itself. */
export interface TemplateVariant extends Partial<TemplateTexts> {
  readonly channel?: ChannelName;
  /** BCP 47: `de`, `de-AT`. */
  readonly locale?: string;
}

interface TemplateVariable {
  readonly description?: string;
  /** A request by the API that gives something else is refused; left out: anything goes. */
  readonly type?: VariableType;
  /** True: a request by the API that leaves it out is refused. */
  readonly required?: boolean;
  /** For previews. */
  readonly example?: unknown;
}

export interface Template extends TemplateTexts {
  readonly id: string;
  readonly description?: string;
  /** Types of notifications that use it where none is named. */
  readonly types: readonly string[];
  /** What `data` holds. Given: other variables are mistakes. */
  readonly variables?: Readonly<Record<string, TemplateVariable>>;
  readonly variants?: readonly TemplateVariant[];
  /** Empty values are left out. */
  readonly facts?: readonly { readonly name: string; readonly value: string }[];
  readonly links?: readonly { readonly label: string; readonly url: string }[];
  /** True: the entries of the variable `labels` follow the facts. */
  readonly listsLabels?: boolean;
  /** True for good news. */
  readonly good?: boolean;
}
