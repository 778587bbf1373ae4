import type { LiveProblem } from "./wire.js";

/** The server refused; `code` is stable, the message is for a person, in their language. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: string;
  readonly status: number;

  constructor(
    /** The whole document. */
    readonly problem: LiveProblem,
    /** Seconds to wait, where the server said so. */
    readonly retryAfter: number | undefined = problem.retryAfter,
  ) {
    super(problem.title);
    this.code = problem.code;
    this.status = problem.status;
  }

  /** Whether the same request may go well later. */
  get passing(): boolean {
    return this.status === 429 || this.status === 408 || this.status >= 500;
  }
}

/** No answer: the network or the connection broke. Whether the request was carried out is not known. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";

  constructor(cause?: unknown) {
    super("no answer", { cause });
  }
}

/** The session is over: somebody has to sign in. */
export class SignedOut extends Error {
  override readonly name = "SignedOut";

  constructor() {
    super("signed out");
  }
}
