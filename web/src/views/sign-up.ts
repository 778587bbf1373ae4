import { Refusal } from "@madang/client";
import { h, icon } from "../dom.js";
import type { Pane, View } from "../pane.js";
import { busy } from "../parts.js";
import { say } from "../words.js";

/** Who is about to confirm an address in which pane: kept in memory alone. */
const begun = new WeakMap<Pane, { email: string; password: string }>();

/** Remembers who has to confirm their address, and asks them to. */
export function askForCode(pane: Pane, email: string, password: string): void {
  begun.set(pane, { email, password });
  pane.go("confirm");
}

/** An account by e-mail. */
export function signUp(pane: Pane): View {
  const { api } = pane.madang;
  const problem = h("p", { class: "problem", role: "alert" });
  const email = h("input", { type: "email", name: "email", autocomplete: "email", required: true, maxlength: 128 });
  const nickname = h("input", { name: "nickname", autocomplete: "nickname", required: true, minlength: 2, maxlength: 15 });
  const password = h("input", { type: "password", name: "password", autocomplete: "new-password", required: true, minlength: 8, maxlength: 64 });
  const agree = h("input", { type: "checkbox", name: "terms", required: true });
  const button = h("button", { class: "button primary", type: "submit" }, say("signUp"));
  const send = async () => {
    problem.textContent = "";
    const body = { email: email.value.trim(), password: password.value, nickname: nickname.value.trim(), agreesToTerms: true as const };
    const { email: sentTo } = await api.request("POST /auth/sign-up", { body });
    askForCode(pane, sentTo, body.password);
  };
  const form = h(
    "form",
    { class: "form", on: { submit: (event) => (event.preventDefault(), void busy(button, send, (words) => void (problem.textContent = words))) } },
    h("label", {}, say("email"), email),
    h("label", {}, say("nickname"), nickname, h("span", { class: "hint" }, say("nicknameHint"))),
    h("label", {}, say("password"), password, h("span", { class: "hint" }, say("passwordHint"))),
    h("label", { class: "agree" }, agree, say("agree")),
    problem,
    button,
  );
  return { title: say(`person${pane.number}`), element: h("div", { class: "scroll sign-in" }, h("h3", {}, say("signUp")), form, instead(pane)), deep: true };
}

/** The code of the mail. */
export function confirm(pane: Pane): View {
  const { api } = pane.madang;
  const known = begun.get(pane);
  const problem = h("p", { class: "problem", role: "alert" });
  const tell = (words: string) => void (problem.textContent = words);
  const email = h("input", { type: "email", name: "email", autocomplete: "email", required: true, maxlength: 128, value: known?.email });
  const code = h("input", { class: "code", name: "code", inputmode: "numeric", autocomplete: "one-time-code", required: true, pattern: "[0-9]{6}", maxlength: 6, "data-first": "" });
  const button = h("button", { class: "button primary", type: "submit" }, say("codeConfirm"));
  const send = async () => {
    tell("");
    const address = email.value.trim();
    await api.request("POST /auth/sign-up/confirm", { body: { email: address, code: code.value } });
    begun.delete(pane);
    if (known) await api.signIn(address, known.password);
    else {
      pane.go("sign-in");
      pane.toast(say("confirmed"));
    }
  };
  const again = h("button", { class: "button small", type: "button" }, say("codeAgain"));
  again.addEventListener("click", () =>
    void busy(
      again,
      async () => {
        tell("");
        await api.request("POST /auth/sign-up/resend", { body: { email: email.value.trim() } });
        pane.toast(say("codeSentAgain"));
      },
      tell,
    ),
  );
  const box = pane.config.mail;
  const form = h(
    "form",
    { class: "form", on: { submit: (event) => (event.preventDefault(), void busy(button, send, tell)) } },
    known ? h("p", { class: "hint" }, say("codeSent", { email: known.email })) : h("label", {}, say("email"), email),
    h("label", {}, say("code"), code),
    problem,
    button,
    h(
      "div",
      { class: "line wrap center" },
      again,
      box && h("a", { class: "button small", href: box, target: "_blank", rel: "noopener", "data-mail-box": "" }, icon("mail"), say("mailBox")),
    ),
  );
  return { title: say(`person${pane.number}`), element: h("div", { class: "scroll sign-in" }, h("h3", {}, say("codeTitle")), form, instead(pane)), deep: true };
}

/** Signs in; whoever has not confirmed their address yet is asked for the code. */
export async function signInOrConfirm(pane: Pane, email: string, password: string): Promise<void> {
  try {
    await pane.madang.api.signIn(email, password);
  } catch (error) {
    if (!(error instanceof Refusal && error.problem.code === "email_unconfirmed")) throw error;
    askForCode(pane, error.problem.email ?? email, password);
  }
}

function instead(pane: Pane): HTMLElement {
  return h("p", { class: "instead" }, h("button", { class: "link", type: "button", on: { click: () => pane.go("sign-in") } }, say("signUpInstead")));
}
