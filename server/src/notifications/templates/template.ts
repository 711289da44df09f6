/** A message as Liquid. Everything renders to plain text: the channels escape for their own forms. */
export interface Template {
  readonly id: string;
  /** Types of notifications that use it where none is named. */
  readonly types: readonly string[];
  readonly subject: string;
  readonly message: string;
  /** The same for all mails of a thread; left out: the subject. */
  readonly mailSubject?: string;
  /** For channels that count characters; left out: subject and message. */
  readonly shortText?: string;
  /** Empty values are left out. */
  readonly facts?: readonly { readonly name: string; readonly value: string }[];
  readonly links?: readonly { readonly label: string; readonly url: string }[];
  /** True: the entries of the variable `labels` follow the facts. */
  readonly listsLabels?: boolean;
  /** True for good news. */
  readonly good?: boolean;
}
