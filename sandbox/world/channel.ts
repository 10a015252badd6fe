/** A newsletter, as the protocol calls it. */
export type Channel = {
  /** The whole JID. */
  id: string;
  name: string;
  /** By number. */
  followers: Set<string>;
  posts: number;
};
