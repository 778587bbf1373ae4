import { h, icon } from "../dom.js";
import type { Pane, View } from "../pane.js";
import { avatar, busy } from "../parts.js";
import { say } from "../words.js";
import { signInOrConfirm } from "./sign-up.js";

/** Who signs in: a demo person with one tap, or anybody by e-mail. */
export function signIn(pane: Pane): View {
  const problem = h("p", { class: "problem", role: "alert" });
  const tell = (words: string) => void (problem.textContent = words);
  const demo = pane.config.demo ?? [];

  const cards = demo.map(({ nickname, email, password }) => {
    const card = h(
      "button",
      { class: "person", type: "button", "data-demo": email },
      avatar({ id: email, nickname }, "large"),
      h("span", { class: "person-words" }, h("strong", {}, nickname), h("span", { class: "quiet" }, say("demoPerson"))),
      icon("back"),
    );
    card.addEventListener("click", () => void busy(card, () => pane.madang.api.signIn(email, password), tell));
    return card;
  });

  const email = h("input", { type: "email", name: "email", autocomplete: "username", required: true, maxlength: 128 });
  const password = h("input", { type: "password", name: "password", autocomplete: "current-password", required: true, maxlength: 256 });
  const button = h("button", { class: "button primary", type: "submit" }, say("signIn"));
  const form = h(
    "form",
    { class: "form", on: { submit: (event) => (event.preventDefault(), void busy(button, () => (tell(""), signInOrConfirm(pane, email.value, password.value)), tell)) } },
    h("label", {}, say("email"), email),
    h("label", {}, say("password"), password),
    button,
  );
  const element = h(
    "div",
    { class: "scroll sign-in" },
    h("h3", {}, demo.length > 0 ? say("signInAs") : say("signIn")),
    h("div", { class: "people" }, ...cards),
    problem,
    demo.length > 0 && h("p", { class: "or" }, say("signInOr")),
    form,
    h("p", { class: "instead" }, say("signUpOffer"), " ", h("button", { class: "link", type: "button", "data-sign-up": "", on: { click: () => pane.go("sign-up") } }, say("signUp"))),
  );
  return { title: say(`person${pane.number}`), element };
}
