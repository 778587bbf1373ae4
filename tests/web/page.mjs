// Two people talk on the page, in a browser: `node tests/web/page.mjs <base URL> <folder for pictures>`.
// It starts nothing but the browser (CHROMIUM names another than /usr/bin/chromium), and expects a fresh, seeded Madang.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";

const [base = "http://127.0.0.1:3000", folder = "target/web"] = process.argv.slice(2);
const PAGE = new URL("try/", base.endsWith("/") ? base : `${base}/`).href;
const BIKE = "lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AB";
const DRILL = "lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AE";
const DESKTOP = { width: 1360, height: 860 };
const PHONE = { width: 360, height: 740 };

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const errors = [];

/** A page of its own: no storage of others. */
async function opened({ viewport, locale, colorScheme, hasTouch = false }) {
  const context = await browser.newContext({ viewport, locale, colorScheme, hasTouch, isMobile: hasTouch, deviceScaleFactor: hasTouch ? 2 : 1 });
  const page = await context.newPage();
  // Connections that the test can break.
  await page.addInitScript(() => {
    window.lines = [];
    const Real = window.WebSocket;
    window.WebSocket = class extends Real {
      constructor(...given) {
        super(...given);
        window.lines.push(this);
      }
    };
  });
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(PAGE);
  return { page, panes: [page.locator(".pane").nth(0), page.locator(".pane").nth(1)], close: () => context.close() };
}

const signIn = async (pane, who) => {
  await pane.locator(`[data-demo="${who}@example.com"]`).click();
  await pane.locator(".tabs").waitFor();
};
const tab = (pane, name) => pane.locator(`.tab[data-focus="${name}"]`);
const write = async (pane, text) => {
  await pane.locator("textarea").fill(text);
  await pane.locator("textarea").press("Enter");
};
const sees = (pane, text) => pane.locator(".bubble", { hasText: text }).first().waitFor();
const enter = async (pane, listing, way) => {
  await tab(pane, "feed").click();
  await pane.locator(`[data-listing="${listing}"]`).click();
  await pane.locator(`[data-enter="${way}"]`).click();
  await pane.locator("textarea").waitFor();
};
const picture = async (page, name) => {
  await page.waitForTimeout(350);
  await page.screenshot({ path: `${folder}/${name}.png` });
};
const step = (words) => console.log(`· ${words}`);

try {
  const { page, panes, close } = await opened({ viewport: DESKTOP, locale: "ko-KR", colorScheme: "light" });
  const [minji, junho] = panes;

  step("two people sign in, side by side");
  await minji.locator(".person").first().waitFor();
  await picture(page, "sign-in-ko-light-desktop");
  await signIn(minji, "minji");
  await signIn(junho, "junho");
  await junho.locator(".card").first().waitFor();
  await picture(page, "feed-ko-light-desktop");

  step("one looks at the other's listing, and joins its room");
  await junho.locator(`[data-listing="${BIKE}"]`).click();
  await junho.locator('[data-enter="room"]').waitFor();
  await picture(page, "listing-ko-light-desktop");
  await junho.locator('[data-enter="room"]').click();
  await junho.locator("textarea").waitFor();

  step("the owner is told so: a toast and a badge");
  await minji.locator(".toast").first().waitFor();
  await tab(minji, "notifications").locator(".badge").waitFor();

  step("what is written while one looks elsewhere is unread");
  await write(junho, "안녕하세요! 자전거 아직 있나요?");
  await sees(junho, "자전거 아직 있나요?");
  await tab(minji, "rooms").locator(".badge").waitFor();
  await tab(minji, "rooms").click();
  const row = minji.locator(".row").first();
  await row.locator(".row-preview", { hasText: "자전거 아직 있나요?" }).waitFor();
  await row.locator(".badge").waitFor();
  await picture(page, "rooms-ko-light-desktop");

  step("typing is seen");
  await row.click();
  await sees(minji, "자전거 아직 있나요?");
  await minji.locator("textarea").pressSequentially("네, 있어요", { delay: 40 });
  await junho.locator(".typing", { hasText: "민지" }).waitFor();
  await picture(page, "typing-ko-light-desktop");
  await minji.locator("textarea").press("Enter");
  await sees(junho, "네, 있어요");
  await junho.locator(".typing", { hasText: "민지" }).waitFor({ state: "hidden" });

  step("what was seen is read, for both");
  await minji.locator(".message.mine .read").last().waitFor();

  step("reply, reaction, edit, deletion");
  await write(minji, "캠핑 의자 두 개와 바꾸고 싶어요. 주말에 시간 되세요?");
  await sees(junho, "캠핑 의자 두 개와");
  const asked = junho.locator(".message", { hasText: "캠핑 의자 두 개와" });
  await asked.hover();
  await asked.locator(".more").click();
  await asked.locator(".faces").waitFor();
  await picture(page, "actions-ko-light-desktop");
  await asked.locator(".face-button").nth(1).click();
  await minji.locator(".reaction", { hasText: "1" }).waitFor();
  await asked.hover();
  await asked.locator(".more").click();
  await asked.locator(".message-actions .button").first().click();
  await write(junho, "토요일 오후 좋아요 😄");
  await minji.locator(".quote", { hasText: "캠핑 의자" }).waitFor();
  await write(junho, "오탸");
  await sees(minji, "오탸");
  const typo = junho.locator(".message.mine", { hasText: "오탸" });
  await typo.hover();
  await typo.locator(".more").click();
  await typo.locator(".message-actions .button").nth(1).click();
  await write(junho, "세 시에 놀이터 앞에서 볼까요?");
  await sees(minji, "세 시에 놀이터");
  await write(junho, "이건 지울 말");
  await sees(minji, "이건 지울 말");
  const slip = junho.locator(".message.mine", { hasText: "이건 지울 말" });
  await slip.hover();
  await slip.locator(".more").click();
  await slip.locator(".danger").click();
  await slip.locator(".danger").click();
  await minji.locator(".bubble.deleted").waitFor();
  for (const text of ["네!", "의자는 접이식이에요"]) await write(minji, text);
  await sees(junho, "의자는 접이식이에요");
  assert.equal(await junho.locator(".bubble", { hasText: "의자는 접이식이에요" }).count(), 1);

  step("a picture");
  await junho.locator("input[type=file]").setInputFiles(`${folder}/sign-in-ko-light-desktop.png`);
  await junho.locator(".media img").waitFor();
  await minji.locator(".media img").waitFor();

  step("the connections break, and nothing is lost or doubled");
  const cut = () => page.evaluate(() => window.lines.splice(0).forEach((line) => line.close()));
  const words = ["하나", "둘", "셋", "넷"].map((word) => `끊겨도 ${word}`);
  for (const [place, text] of words.entries()) {
    await write(place % 2 === 0 ? junho : minji, text);
    await cut();
  }
  for (const pane of panes) {
    for (const text of words) {
      await pane.locator(".message:not(.pending) .bubble", { hasText: text }).waitFor();
      assert.equal(await pane.locator(".bubble", { hasText: text }).count(), 1, text);
    }
  }

  step("members, presence, the host's right");
  await minji.locator("[data-members]").click();
  await minji.locator(".member", { hasText: "준호" }).locator(".state.online").waitFor();
  await picture(page, "members-ko-light-desktop");
  await page.keyboard.press("Escape");

  step("an inquiry beside it");
  await junho.locator('[data-focus="back"]').click();
  await junho.locator('[data-enter="inquiry"]').click();
  await junho.locator("textarea").waitFor();
  await write(junho, "따로 여쭤볼게요. 높이 조절이 되나요?");
  await sees(junho, "높이 조절이");
  await minji.locator(".toast", { hasText: "높이 조절이" }).waitFor();
  await picture(page, "toast-ko-light-desktop");

  step("the notification centre, read at once");
  await minji.locator('[data-focus="back"]').click();
  await tab(minji, "notifications").click();
  await minji.locator(".notification.fresh").first().waitFor();
  await tab(junho, "feed").click({ trial: true }).catch(() => undefined);
  await picture(page, "notifications-ko-light-desktop");
  await minji.locator(".pane-head .button").click();
  await minji.locator(".notification.fresh").first().waitFor({ state: "detached" });
  await tab(minji, "notifications").locator(".badge").waitFor({ state: "detached" });

  step("preferences, presence");
  await tab(minji, "me").click();
  await minji.locator(".setting, .block p").first().waitFor();
  await picture(page, "me-ko-light-desktop");

  step("a reload keeps people, places and messages");
  await page.reload();
  await sees(junho, "높이 조절이");
  await minji.locator(".who-am-i", { hasText: "민지" }).waitFor();
  assert.equal(await junho.locator(".bubble", { hasText: "높이 조절이" }).count(), 1);

  step("English, dark");
  await page.locator('[data-focus="language"]').click();
  await page.locator('[data-focus="theme"]').click();
  await tab(minji, "rooms").click();
  await minji.locator(".row").last().click();
  await sees(minji, "의자는 접이식이에요");
  await picture(page, "rooms-en-dark-desktop");
  await page.locator('[data-focus="theme"]').click();
  await picture(page, "rooms-en-light-desktop");
  await page.locator('[data-focus="language"]').click();
  await page.locator('[data-focus="theme"]').click();
  await picture(page, "rooms-ko-dark-desktop");
  await close();

  step("a phone: one person at a time, and a switch");
  for (const [locale, colorScheme] of [["ko-KR", "light"], ["ko-KR", "dark"], ["en-GB", "light"], ["en-GB", "dark"]]) {
    const name = `${locale.slice(0, 2)}-${colorScheme}-phone`;
    const phone = await opened({ viewport: PHONE, locale, colorScheme, hasTouch: true });
    const [first, second] = phone.panes;
    await first.locator(".person").first().waitFor();
    await picture(phone.page, `sign-in-${name}`);
    await signIn(first, "minji");
    await first.locator(".card").first().waitFor();
    await picture(phone.page, `feed-${name}`);
    await first.locator(`[data-listing="${DRILL}"]`).click();
    await first.locator('[data-enter="inquiry"]').waitFor();
    await picture(phone.page, `listing-${name}`);
    await first.locator('[data-focus="back"]').click();
    await tab(first, "rooms").click();
    await first.locator(".row").last().waitFor();
    await picture(phone.page, `rooms-${name}`);
    await first.locator(".row").last().click();
    await sees(first, "의자는 접이식이에요");
    await picture(phone.page, `room-${name}`);
    const wide = await phone.page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= PHONE.width, `nothing is wider than the phone: ${wide}`);
    await first.locator(".message.theirs .more").last().click();
    await first.locator(".message-actions").waitFor();
    await picture(phone.page, `actions-${name}`);
    await first.locator("[data-members]").click();
    await first.locator(".member").first().waitFor();
    await picture(phone.page, `members-${name}`);
    await phone.page.locator('[data-focus="side1"]').click();
    await signIn(second, "junho");
    await tab(second, "notifications").click();
    await second.locator(".notification, .empty").first().waitFor();
    await picture(phone.page, `notifications-${name}`);
    await tab(second, "me").click();
    await second.locator(".setting, .block p").first().waitFor();
    await picture(phone.page, `me-${name}`);
    await phone.close();
  }

  step("a wrong password is said in words");
  const wrong = await opened({ viewport: DESKTOP, locale: "ko-KR", colorScheme: "dark" });
  await wrong.panes[0].locator("input[type=email]").fill("minji@example.com");
  await wrong.panes[0].locator("input[type=password]").fill("not-her-password");
  await wrong.panes[0].locator("button[type=submit]").click();
  await wrong.panes[0].locator(".problem", { hasText: "비밀번호" }).waitFor();
  // The browser itself writes a refused request into the console.
  const refused = errors.findIndex((text) => text.includes("401"));
  if (refused >= 0) errors.splice(refused, 1);
  await signIn(wrong.panes[0], "minji");
  await signIn(wrong.panes[1], "junho");
  await enter(wrong.panes[1], BIKE, "room");
  await sees(wrong.panes[1], "의자는 접이식이에요");

  step("the host shows somebody out");
  await enter(wrong.panes[0], BIKE, "room");
  await wrong.panes[0].locator("[data-members]").click();
  const kick = wrong.panes[0].locator(".member", { hasText: "준호" }).locator(".danger");
  await kick.click();
  await picture(wrong.page, "kick-ko-dark-desktop");
  await kick.click();
  await wrong.panes[1].locator(".empty-title").waitFor();
  await wrong.panes[0].locator(".system").last().waitFor();
  await picture(wrong.page, "kicked-ko-dark-desktop");
  await wrong.close();

  assert.deepEqual(errors, [], "the console is silent");
  console.log(`all well; pictures in ${folder}`);
} catch (error) {
  console.error(error);
  if (errors.length > 0) console.error("console:", errors);
  let number = 0;
  for (const context of browser.contexts()) for (const page of context.pages()) await page.screenshot({ path: `${folder}/failed-${(number += 1)}.png` });
  process.exitCode = 1;
} finally {
  await browser.close();
}
