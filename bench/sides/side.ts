/** Something that is measured: our service, or one of its peers. */
export interface Side {
  readonly name: string;
  /** What an acknowledgement is worth, for the table. */
  readonly promise: string;
  /** Why it cannot run here, in words for the reader; undefined where it can. */
  missing(): string | undefined;
  /** Starts it and waits until it answers. Without a folder it gets a new one, which goes when it stops. */
  start(dataDir?: string): Promise<RunningSide>;
}

export interface RunningSide {
  readonly side: Side;
  readonly pid: number;
  /** Of its HTTP API, without a slash at the end. */
  readonly url: string;
  readonly remoteWritePath: string;
  readonly dataDir: string;
  /** Resolves when everything that it acknowledged is where it stays. */
  drained(): Promise<void>;
  /** Bytes of the stored items on disk, without logs and leftovers. */
  dataBytes(): Promise<number>;
  stop(): Promise<void>;
}
