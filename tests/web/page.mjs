// Two people talk on the page, in headless Chromium, on the laptop cloud:
//
//     node tests/web/page.mjs --program target/debug/local --pictures target/web
//
// With --url it takes a fresh, seeded Madang that runs already; with --dist it gives the page from that folder, in the place
// of the one that the program was built with. CHROMIUM names another browser than /usr/bin/chromium.

import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Browser } from "./browser.mjs";
import { mailedCode, Off, startCloud } from "./cloud.mjs";

const { values } = parseArgs({
  options: { program: { type: "string" }, url: { type: "string" }, pictures: { type: "string", default: "target/web" }, dist: { type: "string" } },
});
if (!values.program && !values.url) throw new Error("--program: where the laptop cloud was built");

const DIST = new URL("../../web/dist/", import.meta.url);
const BIKE = "lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AB";
const DRILL = "lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AE";
const BOOKS = "lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AD";
const PLANTS = "lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AH";
const CHAIR = "캠핑 의자 두 개와 바꾸고 싶어요. 주말에 시간 되세요?";
const DESKTOP = { width: 1360, height: 860 };
const PHONE = { width: 360, height: 740 };
const folder = values.pictures;

let cloud = null;
let browser = null;
let url = values.url?.replace(/\/$/, "");
let now = "starting";
let hasErrands = false;

/** Names what is being tried: it is named again when it is off. */
const step = (words) => {
  now = words;
  console.log(`· ${words}`);
};
/** Waits until it is there, or says that it is not. */
const there = (locator, sentence, state = "visible") =>
  locator.waitFor({ state }).catch(() => {
    throw new Off(sentence);
  });
const must = (holds, sentence) => {
  if (!holds) throw new Off(sentence);
};
/** Waits until it holds. */
const becomes = async (ask, sentence) => {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await ask()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Off(sentence);
};

const tab = (pane, name) => pane.locator(`.tab[data-focus="${name}"]`);
const badge = async (pane, name) => Number((await tab(pane, name).locator(".badge").allTextContents())[0] ?? 0);
const bubble = (pane, text) => pane.locator(".message:not(.pending):not(.failed) .bubble", { hasText: text });
const sees = (pane, text) => there(bubble(pane, text).first(), `“${text}” is not among the messages`);
const signIn = async (pane, who) => {
  await pane.locator(`[data-demo="${who}@example.com"]`).click();
  await there(pane.locator(".tabs"), `${who} is not signed in`);
};
const write = async (pane, text) => {
  await pane.locator("textarea").fill(text);
  await pane.locator("textarea").press("Enter");
};
const back = (pane) => pane.locator('[data-focus="back"]').click();
const enter = async (pane, listing, way) => {
  await tab(pane, "feed").click();
  await pane.locator(`[data-listing="${listing}"]`).click();
  await pane.locator(`[data-enter="${way}"]`).click();
  await there(pane.locator("textarea"), "the room does not open");
};
const actionsOf = async (message) => {
  await message.hover();
  await message.locator(".more").click();
  await there(message.locator(".message-actions"), "a message's actions do not open");
};
/** Scrolls the view to its end, so that a picture shows it. */
const toEnd = (pane) => pane.locator(".pane-body .scroll").first().evaluate((element) => void (element.scrollTop = element.scrollHeight));

async function served() {
  if (values.dist) return;
  for (const file of await readdir(DIST)) {
    if (file === "config.json") continue;
    const [here, reply] = [await readFile(new URL(file, DIST)), await fetch(`${url}/try/${file}`)];
    must(reply.ok && here.equals(Buffer.from(await reply.arrayBuffer())), `/try/${file} is not web/dist/${file}: build the program anew, or give --dist web/dist`);
  }
}

async function desktop() {
  const { page, panes, close } = await browser.open({ viewport: DESKTOP, locale: "ko-KR", colorScheme: "light" });
  const [minji, junho] = panes;
  const picture = (name) => browser.picture(page, name);

  step("two people sign in, side by side");
  await there(minji.locator(".person").first(), "nobody is offered to sign in as");
  must((await page.locator("html").getAttribute("lang")) === "ko", "a Korean browser does not get the Korean page");
  await picture("sign-in-ko-light-desktop");
  await signIn(minji, "minji");
  await signIn(junho, "junho");
  await there(junho.locator(`[data-listing="${BIKE}"]`), "the bike is not in the feed");
  await there(minji.locator('.who[title*="연결됨"]'), "minji's live connection does not open");
  await picture("feed-ko-light-desktop");

  step("search in the feed: by words, by initial consonants, in vain; another area");
  const field = junho.locator(".narrowing input");
  const cards = (pane) => pane.locator(".card").count();
  for (const q of ["자전거", "ㅈㅈㄱ"]) {
    await field.fill(q);
    await becomes(async () => (await cards(junho)) === 1 && (await junho.locator(`[data-listing="${BIKE}"]`).count()) === 1, `searching for ${q} does not find the bike alone`);
  }
  await field.fill("없는물건");
  await there(junho.locator(".empty"), "a search in vain does not say so");
  await picture("search-none-ko-light-desktop");
  await field.fill("");
  await there(junho.locator(`[data-listing="${DRILL}"]`), "emptying the search does not bring the feed back");
  await junho.locator(".area select").selectOption("busan");
  await there(junho.locator(`[data-listing="${PLANTS}"]`), "the feed of Busan does not hold what is there");
  await junho.locator(".area select").selectOption("seoul/gangnam-gu");
  await there(junho.locator(`[data-listing="${BIKE}"]`), "the feed of Gangnam does not come back");

  step("a listing, and its room");
  await junho.locator(`[data-listing="${BIKE}"]`).click();
  await there(junho.locator('[data-enter="room"]'), "the listing does not offer its room");
  await picture("listing-ko-light-desktop");
  await junho.locator('[data-enter="room"]').click();
  await there(junho.locator("textarea"), "the room does not open");

  step("what is written while one looks elsewhere is unread, and counted");
  const unread = await badge(minji, "rooms");
  await write(junho, "안녕하세요! 자전거 아직 있나요?");
  await sees(junho, "자전거 아직 있나요?");
  await becomes(async () => (await badge(minji, "rooms")) === unread + 1, `minji's unread messages do not become ${unread + 1}`);
  await tab(minji, "rooms").click();
  const row = minji.locator(".row").first();
  await there(row.locator(".row-preview", { hasText: "자전거 아직 있나요?" }), "the list of rooms does not show the latest message");
  await there(row.locator(".badge"), "the room has no count of what is unread");
  await picture("rooms-ko-light-desktop");

  step("messages both ways, live; typing");
  await row.click();
  await sees(minji, "자전거 아직 있나요?");
  await minji.locator("textarea").pressSequentially("네, 있어요", { delay: 40 });
  await there(junho.locator(".typing", { hasText: "민지" }), "junho does not see that minji types");
  await picture("typing-ko-light-desktop");
  await minji.locator("textarea").press("Enter");
  await sees(junho, "네, 있어요");
  await becomes(async () => (await junho.locator(".typing").innerText()).trim() === "", "minji seems to type still");

  step("reply, reaction, edit, deletion");
  await write(minji, CHAIR);
  await sees(junho, CHAIR);
  const asked = junho.locator(".message", { hasText: "캠핑 의자 두 개와" });
  await actionsOf(asked);
  await picture("actions-ko-light-desktop");
  await asked.locator(".face-button").nth(1).click();
  await there(minji.locator(".reaction", { hasText: "1" }), "the reaction does not arrive");
  await actionsOf(asked);
  await asked.locator(".message-actions .button").first().click();
  await write(junho, "토요일 오후 좋아요 😄");
  await there(minji.locator(".quote", { hasText: "캠핑 의자" }), "the reply does not quote what it answers");
  await write(junho, "오탸");
  await sees(minji, "오탸");
  const typo = junho.locator(".message.mine", { hasText: "오탸" });
  await actionsOf(typo);
  await typo.locator(".message-actions .button").nth(1).click();
  await write(junho, "세 시에 놀이터 앞에서 볼까요?");
  await sees(minji, "세 시에 놀이터");
  await write(junho, "이건 지울 말");
  await sees(minji, "이건 지울 말");
  const slip = junho.locator(".message.mine", { hasText: "이건 지울 말" });
  await actionsOf(slip);
  await slip.locator(".danger").click();
  await slip.locator(".danger").click();
  await there(minji.locator(".bubble.deleted"), "the deletion does not arrive");
  for (const text of ["네!", "의자는 접이식이에요"]) await write(minji, text);
  await sees(junho, "의자는 접이식이에요");
  must((await bubble(junho, "의자는 접이식이에요").count()) === 1, "a message is shown twice");

  step("a picture");
  const media = (pane) => pane.locator(".message:not(.pending) .media img");
  const had = await media(junho).count();
  await junho.locator("input[type=file]").setInputFiles(`${folder}/feed-ko-light-desktop.png`);
  for (const pane of panes) {
    await becomes(async () => (await media(pane).count()) === had + 1, "the picture does not arrive");
    await becomes(() => media(pane).last().evaluate((image) => image.complete && image.naturalWidth > 0), "the picture does not load");
  }
  await picture("room-ko-light-desktop");

  step("the connections break, and nothing is lost or doubled");
  const cut = () => page.evaluate(() => window.lines.filter((line) => line.readyState === WebSocket.OPEN).forEach((line) => line.close()));
  const words = ["하나", "둘", "셋", "넷"].map((word) => `끊겨도 ${word}`);
  for (const [place, text] of words.entries()) {
    await write(place % 2 === 0 ? junho : minji, text);
    await cut();
  }
  for (const pane of panes) {
    for (const text of words) {
      await sees(pane, text);
      must((await bubble(pane, text).count()) === 1, `“${text}” is shown ${await bubble(pane, text).count()} times`);
    }
  }

  step("search in a room");
  await junho.locator("[data-search]").click();
  await there(junho.locator(".room-search"), "the search does not open");
  await junho.locator(".room-search input").fill("없는 말");
  await there(junho.locator(".found .empty", { hasText: "찾는 말이 없어요" }), "a search in vain does not say so");
  await junho.locator(".room-search input").fill("접이식");
  await there(junho.locator(".hit mark", { hasText: "접이식" }), "the search does not find what was said");
  must((await junho.locator(".hit").count()) === 1, "the search finds more than was said");
  await picture("room-search-ko-light-desktop");
  await junho.locator(".hit").click();
  await there(junho.locator(".message.pointed", { hasText: "접이식" }), "what was found is not shown among the messages");

  step("members, presence");
  await minji.locator("[data-members]").click();
  await there(minji.locator(".member", { hasText: "준호" }).locator(".state.online"), "junho is not seen as present");
  await there(minji.locator(".member", { hasText: "하루" }).locator(".state.offline"), "haru, who is not here, is seen as present");
  await picture("members-ko-light-desktop");
  await page.keyboard.press("Escape");

  step("an inquiry: a toast, a notification and unread marks, live");
  await back(minji);
  await tab(minji, "feed").click();
  const told = await badge(minji, "notifications");
  await back(junho);
  await junho.locator('[data-enter="inquiry"]').click();
  await there(junho.locator("textarea"), "the inquiry does not open");
  await there(minji.locator(".toast", { hasText: "준호" }), "no toast tells of the inquiry");
  await becomes(async () => (await badge(minji, "notifications")) === told + 1, `the count of notifications does not become ${told + 1}`);
  await picture("toast-ko-light-desktop");
  await tab(minji, "notifications").click();
  await there(minji.locator('.notification[data-type="listing.expired"]'), "the seeded notification is not listed");
  await there(minji.locator('.notification.fresh[data-type="listing.inquiry"]', { hasText: "준호" }), "the inquiry is not among the notifications");
  await write(junho, "따로 여쭤볼게요. 높이 조절이 되나요?");
  await sees(junho, "높이 조절이");
  const inquiry = minji.locator('.notification.fresh[data-type="room.message"]', { hasText: "높이 조절이" });
  await there(inquiry, "the message is not among the notifications");
  await write(junho, "안장도 바꾸셨나요?");
  await there(minji.locator('.notification.fresh[data-type="room.message"]', { hasText: "안장도" }), "the notification does not follow the conversation");
  must((await minji.locator('.notification[data-type="room.message"]').count()) === 1, "two messages of one conversation are two notifications");
  await there(junho.locator(".message.mine .unread-by").last(), "what nobody has read looks read");

  step("notifications: in both languages, one read, one deleted, all read");
  await picture("notifications-ko-light-desktop");
  await there(minji.locator(".notification", { hasText: "마감 시각이 지났어요" }), "the notification is not in Korean");
  await page.locator('[data-focus="language"]').click();
  await there(minji.locator(".notification", { hasText: "The deadline has passed" }), "the notification is not in English");
  must((await page.locator("html").getAttribute("lang")) === "en", "the page does not say that it is in English");
  await picture("notifications-en-light-desktop");
  await page.locator('[data-focus="language"]').click();
  const expired = minji.locator('.notification[data-type="listing.expired"]');
  const before = await badge(minji, "notifications");
  await expired.locator("[data-read]").click();
  await there(minji.locator('.notification:not(.fresh)[data-type="listing.expired"]'), "reading one does not show");
  await becomes(async () => (await badge(minji, "notifications")) === before - 1, "reading one does not lower the count");
  await expired.locator("[data-delete]").click();
  await there(expired, "a deleted notification is still there", "detached");
  await minji.locator('.notification[data-type="room.message"] .row-main').click();
  await sees(minji, "안장도 바꾸셨나요?");
  await there(junho.locator(".message.mine .read").last(), "what was read by the other is not marked as read");
  await write(minji, "네, 작년에 바꿨어요.");
  await sees(junho, "작년에 바꿨어요");
  await picture("inquiry-ko-light-desktop");
  await back(minji);
  await tab(minji, "notifications").click();
  await minji.locator("[data-read-all]").click();
  await there(minji.locator(".notification.fresh").first(), "marking all as read leaves some", "detached");
  await becomes(async () => (await badge(minji, "notifications")) === 0, "marking all as read leaves a count");

  step("what one is told, and how one is seen");
  await tab(minji, "me").click();
  const push = minji.locator('[data-way="room.message push"]');
  await there(push, "the settings of notifications are not shown");
  must(await push.isChecked(), "at first nothing is told at once");
  await push.click();
  await becomes(async () => !(await minji.locator('[data-way="room.message push"]').isChecked()), "a setting does not stay");
  await minji.locator("[data-quiet]").click();
  await there(minji.locator(".times"), "quiet hours cannot be chosen");
  await there(minji.locator(".toast").first(), "nothing says that it was saved");
  await toEnd(minji);
  await picture("me-ko-light-desktop");

  step("a reload keeps people, places, settings and messages");
  await page.reload();
  await sees(junho, "높이 조절이");
  await there(minji.locator(".who-am-i", { hasText: "민지" }), "minji is not signed in any more");
  await there(minji.locator(".times"), "quiet hours were not kept");
  must(!(await minji.locator('[data-way="room.message push"]').isChecked()), "a setting was not kept");
  await minji.locator("[data-quiet]").click();
  await there(minji.locator(".times"), "quiet hours cannot be given up", "detached");
  await minji.locator('[data-way="room.message push"]').click();
  await becomes(() => minji.locator('[data-way="room.message push"]').isChecked(), "a setting cannot be taken back");
  must((await bubble(junho, "높이 조절이").count()) === 1, "a message is shown twice after a reload");

  step("English and Korean, dark and light");
  await page.locator('[data-focus="language"]').click();
  await page.locator('[data-focus="theme"]').click();
  await there(tab(minji, "rooms").filter({ hasText: "Chats" }), "the tabs are not in English");
  await tab(minji, "rooms").click();
  await there(minji.locator(".row").first(), "there are no rooms");
  await picture("rooms-en-dark-desktop");
  await minji.locator(".row", { hasText: "Room" }).first().click();
  await sees(minji, "의자는 접이식이에요");
  await picture("room-en-dark-desktop");
  await page.locator('[data-focus="theme"]').click();
  await picture("room-en-light-desktop");
  await page.locator('[data-focus="language"]').click();
  await page.locator('[data-focus="theme"]').click();
  await sees(minji, "의자는 접이식이에요");
  await picture("room-ko-dark-desktop");
  await close();
}

async function joining() {
  step("somebody signs up: the code of the mail, a home district, a room");
  const { page, panes, close } = await browser.open({ viewport: DESKTOP, locale: "ko-KR", colorScheme: "light" });
  const [sora, other] = panes;
  const email = "sora@example.com";
  const password = "madang-2026!";
  await sora.locator("[data-sign-up]").click();
  await there(sora.locator("input[name=nickname]"), "there is no way to sign up");
  await sora.locator("input[name=email]").fill(email);
  await sora.locator("input[name=nickname]").fill("민지");
  await sora.locator("input[name=password]").fill(password);
  await sora.locator("input[name=terms]").check();
  await browser.meaning(409, () => sora.locator("button[type=submit]").click());
  await there(sora.locator(".problem:not(:empty)"), "a nickname that is taken is not said to be");
  await browser.picture(page, "sign-up-ko-light-desktop");
  await sora.locator("input[name=nickname]").fill("소라");
  await sora.locator("button[type=submit]").click();
  await there(sora.locator("input[name=code]"), "the code is not asked for");
  const [box] = await Promise.all([page.waitForEvent("popup"), sora.locator("[data-mail-box]").click()]);
  await box.waitForLoadState();
  must((await box.content()).includes(email), "the link does not lead to the mail box");
  await box.close();
  await browser.picture(page, "code-ko-light-desktop");
  const code = await mailedCode(url, email);
  await sora.locator("input[name=code]").fill(code === "000000" ? "000001" : "000000");
  await browser.meaning(422, () => sora.locator("button[type=submit]").click());
  await there(sora.locator(".problem:not(:empty)"), "a wrong code is not said to be");

  step("whoever left before the code is asked for it when they sign in");
  await other.locator("input[name=email]").fill(email);
  await other.locator("input[name=password]").fill(password);
  await browser.meaning(403, () => other.locator("button[type=submit]").click());
  await there(other.locator("input[name=code]"), "the code is not asked for");
  await other.locator("input[name=code]").fill(code);
  await other.locator("button[type=submit]").click();
  await there(other.locator("[data-district]").first(), "whoever is new is not asked for their district");
  await browser.picture(page, "new-ko-light-desktop");
  await other.locator("[data-district]").first().selectOption("seoul/gangnam-gu");
  await there(other.locator(".first-of-all"), "the district does not stay", "detached");
  await tab(other, "rooms").click();
  await there(other.locator(".empty", { hasText: "아직 대화가 없어요" }), "an empty list of rooms does not say so");
  await browser.picture(page, "empty-ko-light-desktop");
  await tab(other, "notifications").click();
  await there(other.locator(".empty"), "an empty list of notifications does not say so");
  await enter(other, BIKE, "room");
  await there(other.locator(".system", { hasText: "소라" }), "nobody says that somebody joined");
  await back(other);
  await back(other);
  await tab(other, "me").click();
  await other.locator(".me > .button").click();
  await there(other.locator(".person").first(), "signing out does not lead back");
  await close();
}

/** Goes straight to a view, as somebody does who follows a link. */
const goTo = (page, place, path) =>
  page.evaluate(
    ([at, to]) => {
      const paths = decodeURIComponent(location.hash.slice(1)).split("~");
      paths[at] = to;
      location.hash = paths.join("~");
    },
    [place, path],
  );
/** Does something by HTTP, as somebody. */
const asks = async (who, method, path, body) => {
  const sent = (route, more) => fetch(`${url}${route}`, { ...more, headers: { "content-type": "application/json", ...more.headers } });
  const signedIn = await sent("/auth/session", { method: "POST", body: JSON.stringify({ email: `${who}@example.com`, password: "madang-2026!", refreshTokenIn: "body" }) });
  const { accessToken } = await signedIn.json();
  const reply = await sent(path, { method, headers: { authorization: `Bearer ${accessToken}` }, body: JSON.stringify(body) });
  must(reply.ok, `${method} ${path} is answered with ${reply.status}: ${await reply.clone().text()}`);
  return reply.json();
};
/** An hour from now on, as a field for local time takes it; the pages are in Seoul. */
const hoursAhead = (hours) => `${new Date(Math.floor(Date.now() / 3_600_000 + 9 + hours) * 3_600_000).toISOString().slice(0, 13)}:00`;
const does = (pane, action) => pane.locator(`[data-act="${action}"]`).click();
const stands = (pane, state) => there(pane.locator(`[data-state="${state}"]`).first(), `the deal does not become ${state}`);

async function dealing() {
  const { page, panes, close } = await browser.open({ viewport: DESKTOP, locale: "ko-KR", colorScheme: "light" });
  const [minji, junho] = panes;
  const picture = (name) => browser.picture(page, name);
  await signIn(minji, "minji");
  await signIn(junho, "junho");

  await there(minji.locator(".card").first(), "the feed is empty");
  await picture("feed-again-ko-light-desktop");

  step("a swap is offered, with a picture and one of one's own");
  await minji.locator(`[data-listing="${BOOKS}"]`).click();
  await minji.locator("[data-deals]").click();
  const offer = minji.locator('[data-propose="barter"]');
  await there(offer, "nothing can be offered");
  await offer.locator("textarea").fill("보드게임 세 개를 드릴게요. 모두 새것 같아요.");
  await there(offer.locator("option", { hasText: "자전거" }), "one's own listings are not offered", "attached");
  await offer.locator("select").selectOption({ label: "자전거 21단, 거의 새것" });
  await offer.locator("input[type=file]").setInputFiles(`${folder}/feed-again-ko-light-desktop.png`);
  await there(offer.locator(".button", { hasText: "사진 1장" }), "the picture is not taken");
  await picture("offer-ko-light-desktop");
  await offer.locator("button[type=submit]").click();
  await stands(minji, "proposed");
  await there(minji.locator(".deal .offer-pictures img"), "the offer has no picture");

  step("the host is told, and says yes; both confirm; the swap is done");
  await there(junho.locator(".toast", { hasText: "그림책" }), "no toast tells of the offer");
  await tab(junho, "notifications").click();
  await junho.locator('.notification[data-type="deal.proposed"] .row-main', { hasText: "그림책" }).click();
  await stands(junho, "proposed");
  await picture("offered-ko-light-desktop");
  await does(junho, "accept");
  await stands(junho, "agreed");
  await stands(minji, "agreed");
  await does(minji, "confirm");
  await stands(minji, "guestConfirmed");
  await stands(junho, "guestConfirmed");
  await does(junho, "confirm");
  await stands(junho, "done");
  await there(junho.locator(".timeline li", { hasText: "교환을 제안" }), "the timeline does not say what was done");

  step("reviews: stars and text, shown when both are in");
  const reviews = async (pane, stars, text) => {
    const form = pane.locator("[data-review]");
    await there(form, "the deal cannot be reviewed");
    await form.locator(`[data-stars="${stars}"]`).click();
    await form.locator("textarea").fill(text);
  };
  await reviews(junho, 5, "약속 시간을 잘 지키고 설명 그대로였어요.");
  await picture("review-ko-light-desktop");
  await junho.locator("[data-review] button[type=submit]").click();
  await there(junho.locator("[data-review]"), "the review can be written again", "detached");
  await back(minji);
  await back(minji);
  await tab(minji, "mine").click();
  await there(minji.locator("[data-to-review]").first(), "my page does not say what waits for a review");
  await picture("to-review-ko-light-desktop");
  await minji.locator('[data-tab="done"]').click();
  await minji.locator(".deal-head", { hasText: "그림책" }).click();
  await reviews(minji, 4, "책이 모두 깨끗했어요. 고맙습니다.");
  await minji.locator("[data-review] button[type=submit]").click();
  await there(minji.locator("[data-review]"), "the review can be written again", "detached");
  await minji.locator("[data-deal] .who-with").click();
  await there(minji.locator(".review", { hasText: "깨끗했어요" }), "the review is not shown when both are in");
  await there(minji.locator(".manner .amount"), "there is no manner score");

  step("somebody is followed, and reported");
  await minji.locator("[data-follow]").click();
  await there(minji.locator(".who-am-i", { hasText: "단골 1명" }), "following does not show");
  await picture("person-ko-light-desktop");
  await minji.locator("[data-report]").click();
  await minji.locator("select[name=category]").selectOption("other");
  await minji.locator("textarea[name=text]").fill("시험 삼아 보내는 신고예요.");
  await picture("report-ko-light-desktop");
  await minji.locator("form button[type=submit]").click();
  await there(minji.locator("[data-report]"), "the report does not go");

  step("the room says in words what was done, and leads to the deal");
  await back(junho);
  await tab(junho, "rooms").click();
  await junho.locator(".row", { hasText: "그림책" }).first().click();
  await there(junho.locator(".system", { hasText: "민지 님이 교환을 제안했어요" }), "the room does not say who offered");
  await there(junho.locator(".system", { hasText: "교환이 끝났어요" }), "the room does not say that the swap is done");
  await picture("deal-room-ko-light-desktop");
  await junho.locator("button.system").first().click();
  await stands(junho, "done");

  step("a rental with a deposit: times, price, request");
  const listing = await asks("junho", "POST", "/listings", {
    kind: "rental", title: "4인용 텐트 빌려드려요", description: "비 오는 날만 아니면 좋아요.", category: "sports", section: "lend", price: 7000, unit: "day", deposit: 30,
  });
  await goTo(page, 0, `listing/${listing.id}`);
  await minji.locator("[data-deals]").click();
  const form = minji.locator('[data-propose="rental"]');
  await there(form.locator(".taken", { hasText: "아직 아무도" }), "the calendar is not shown");
  await form.locator("[name=start]").fill(hoursAhead(3));
  await form.locator("[name=end]").fill(hoursAhead(2));
  await form.locator("[name=end]").blur();
  await there(form.locator(".problem", { hasText: "뒤여야" }), "times the wrong way round are not said to be");
  await form.locator("[name=end]").fill(hoursAhead(27));
  await form.locator("[name=end]").blur();
  await there(form.locator(".cost", { hasText: "7,000원" }), "the price is not said before one asks");
  await there(form.locator(".cost", { hasText: "30코인" }), "the deposit is not said before one asks");
  await picture("rental-form-ko-light-desktop");
  await form.locator("button[type=submit]").click();
  await stands(minji, "proposed");

  step("the lender finds it on their page, says yes, hands over; more time; return, end");
  await goTo(page, 1, "mine");
  const asked = junho.locator(".deal", { hasText: "텐트" });
  await there(asked, "my page does not list what waits");
  await picture("mine-ko-light-desktop");
  await asked.locator('[data-act="accept"]').click();
  await stands(minji, "agreed");
  await there(asked, "what was agreed still waits", "detached");
  await junho.locator('[data-tab="ongoing"]').click();
  await asked.locator('[data-act="handOver"]').click();
  await stands(minji, "running");
  await does(minji, "askExtension");
  await minji.locator("[name=until]").fill(hoursAhead(40));
  await picture("extension-ko-light-desktop");
  await minji.locator(".asking button[type=submit]").click();
  await asked.locator('[data-act="allowExtension"]').click();
  await there(minji.locator(".deal", { hasText: "14,000원" }), "the price does not follow the new end");

  step("others see the taken times, and are told so before they ask");
  const third = await browser.open({ viewport: DESKTOP, locale: "en-GB", colorScheme: "dark" });
  const [haru] = third.panes;
  await signIn(haru, "haru");
  await goTo(third.page, 0, `deals/${listing.id}`);
  const other = haru.locator('[data-propose="rental"]');
  await there(other.locator(".taken p:not(.quiet)"), "what is taken is not shown");
  await other.locator("[name=start]").fill(hoursAhead(20));
  await other.locator("[name=end]").fill(hoursAhead(44));
  await other.locator("[name=end]").blur();
  await there(other.locator(".problem", { hasText: "Somebody else" }), "times that are taken are not said to be");
  await browser.picture(third.page, "taken-en-dark-desktop");
  await third.close();

  await does(minji, "return");
  await there(asked.locator('[data-state="returned"]'), "the lender does not see that it is back");
  await asked.locator('[data-act="end"]').click();
  await there(asked, "what is over still goes on", "detached");
  await junho.locator('[data-tab="done"]').click();
  await there(asked, "what is done is not listed");
  await junho.locator(".deal-head", { hasText: "텐트" }).click();
  await there(junho.locator(".timeline li", { hasText: "연장을 허락" }), "the timeline does not say that more time was given");
  await reviews(junho, 5, "깨끗하게 쓰고 제때 돌려주셨어요.");
  await junho.locator("[data-review] button[type=submit]").click();
  await there(junho.locator("[data-review]"), "the review can be written again", "detached");
  await picture("rental-done-ko-light-desktop");

  step("the wallet has a line for each movement");
  await goTo(page, 0, "wallet");
  for (const reason of ["hold", "refund", "grant"]) await there(minji.locator(`.row[data-reason="${reason}"]`).first(), `the wallet has no line of ${reason}`);
  must((await minji.locator('.row[data-reason="hold"]').count()) === 1, "the deposit is held more than once");
  await there(minji.locator(".purse", { hasText: "100코인" }), "the deposit is not back");
  await picture("wallet-ko-light-desktop");

  step("a deal is broken off, with a reason that the other side reads");
  await goTo(page, 0, `deals/${BIKE}`);
  const broken = minji.locator(".deal", { hasText: "준호" });
  await broken.locator('[data-act="accept"]').click();
  await broken.locator('[data-state="agreed"]').waitFor();
  await broken.locator('[data-act="break"]').click();
  await broken.locator("textarea").fill("자전거가 고장 났어요. 죄송해요.");
  await picture("break-ko-light-desktop");
  await broken.locator(".asking button[type=submit]").click();
  await goTo(page, 1, "mine");
  await junho.locator('[data-tab="failed"]').click();
  await there(junho.locator(".deal .reason", { hasText: "고장 났어요" }), "the reason is not shown");
  await picture("failed-ko-light-desktop");

  step("deals in English, dark");
  await page.locator('[data-focus="language"]').click();
  await page.locator('[data-focus="theme"]').click();
  await there(junho.locator('[data-tab="failed"]', { hasText: "Fell through" }), "my page is not in English");
  await junho.locator('[data-tab="done"]').click();
  await there(junho.locator(".deal").nth(1), "not all that is done is listed");
  await goTo(page, 0, "wallet");
  await there(minji.locator(".row[data-reason]").first(), "the wallet is empty");
  await picture("mine-en-dark-desktop");
  await junho.locator(".deal-head", { hasText: "그림책" }).click();
  await stands(junho, "done");
  await goTo(page, 0, "person/me");
  await there(minji.locator(".review").first(), "one's own reviews are not shown");
  await picture("deal-en-dark-desktop");
  await close();
}

function noErrands() {
  step("errands are not tried: this Madang answers 404 to /errands/demand");
}

async function errands() {
  const { page, panes, close } = await browser.open({ viewport: DESKTOP, locale: "ko-KR", colorScheme: "light" });
  const [asker, maker] = panes;
  const picture = (name) => browser.picture(page, name);
  await signIn(asker, "junho");
  await signIn(maker, "minji");

  step("somebody becomes a maker");
  await tab(maker, "errands").click();
  await browser.meaning(404, () => maker.locator('.chip[data-value="errandsFind"]').click());
  await there(maker.locator("[data-maker-me]"), "whoever is no maker is not told how to become one");
  await browser.meaning(404, () => maker.locator("[data-maker-me]").click());
  const profile = maker.locator("[data-maker-form]");
  await profile.locator("[name=line]").fill("제주에 사는 십 년 차 안내자");
  await profile.locator("[name=description]").fill("주말마다 오름과 오일장을 다닙니다.");
  await profile.locator('[data-value="shopping"]').click();
  await profile.locator('[data-value="jeju"]').click();
  await picture("maker-form-ko-light-desktop");
  await profile.locator("button[type=submit]").click();
  await there(maker.locator(".demand", { hasText: "건" }), "a maker does not come back to the errands");
  await there(maker.locator("[data-maker-me]", { hasText: "고치기" }), "a maker cannot edit what is said of them");
  await picture("errands-find-ko-light-desktop");

  step("an errand is asked for, and a maker asked to quote");
  await tab(asker, "errands").click();
  await asker.locator("[data-errand-new]").click();
  const form = asker.locator("form");
  await form.locator("[name=title]").fill("제주 오메기떡 사 오기");
  await form.locator("[name=journey]").selectOption("shopping");
  await form.locator("[name=province]").selectOption("jeju");
  await form.locator("[name=details]").fill("동문시장에서 오메기떡 두 상자를 부탁드려요.");
  await form.locator("[name=address]").fill("서울 강남구 테헤란로 1");
  await picture("errand-form-ko-light-desktop");
  await form.locator("button[type=submit]").click();
  await there(asker.locator('[data-status="open"]'), "the errand is not put up");
  await asker.locator(".maker-row", { hasText: "민지" }).locator("[data-designate]").click();
  await there(asker.locator(".mark", { hasText: "답 기다리는 중" }), "nobody sees that the maker was asked");
  await picture("errand-ko-light-desktop");

  step("the maker finds it, without the address, and quotes");
  await tab(maker, "me").click();
  await tab(maker, "errands").click();
  await maker.locator("[data-errand]", { hasText: "오메기떡" }).click();
  const quote = maker.locator("[data-quoting]");
  await there(quote, "a maker cannot quote");
  must((await maker.locator(".pane-body", { hasText: "테헤란로" }).count()) === 0, "a maker sees the address before anything is agreed");
  await quote.locator("[name=price]").fill("40");
  await quote.locator("[name=content]").fill("제주에 살고 있어 바로 다녀올 수 있습니다.");
  await picture("quote-form-ko-light-desktop");
  await quote.locator("button[type=submit]").click();
  await there(maker.locator("[data-to-deal]"), "the quote does not show");

  step("the quote is confirmed: coins are held, and the maker sees the address");
  const quoted = asker.locator("[data-quote]", { hasText: "40코인" });
  await there(quoted, "the quote does not arrive");
  await picture("quotes-ko-light-desktop");
  await quoted.locator('[data-act="accept"]').click();
  await there(asker.locator('[data-status="reserved"]').first(), "the errand is not promised");
  await maker.locator("[data-to-deal]").click();
  await stands(maker, "agreed");
  await maker.locator(".ways-on .button", { hasText: "심부름" }).click();
  await there(maker.locator(".fact", { hasText: "테헤란로" }), "the maker does not see the address");

  step("the errand is done, and the maker is paid");
  await asker.locator("[data-to-deal]").click();
  await does(asker, "complete");
  await stands(asker, "done");
  await picture("errand-done-ko-light-desktop");
  await goTo(page, 1, "wallet");
  await there(maker.locator('.row[data-reason="earn"]', { hasText: "+40코인" }), "the maker is not paid");
  await goTo(page, 0, "errands");
  await asker.locator('.chip[data-value="makers"]').click();
  await there(asker.locator("[data-maker]", { hasText: "민지" }), "the directory does not list the maker");
  await picture("makers-ko-light-desktop");
  await page.locator('[data-focus="language"]').click();
  await page.locator('[data-focus="theme"]').click();
  await there(asker.locator("[data-maker]", { hasText: "민지" }), "the directory does not list the maker");
  await goTo(page, 1, "errands");
  await there(maker.locator(".chip", { hasText: "Makers" }), "errands are not in English");
  await picture("makers-en-dark-desktop");
  await close();
}

async function phones() {
  for (const [locale, colorScheme] of [["ko-KR", "light"], ["ko-KR", "dark"], ["en-GB", "light"], ["en-GB", "dark"]]) {
    step(`a phone, ${locale}, ${colorScheme}: one person at a time, and a switch`);
    const { page, panes, close } = await browser.open({ viewport: PHONE, locale, colorScheme, phone: true });
    const picture = (name) => browser.picture(page, `${name}-${locale.slice(0, 2)}-${colorScheme}-phone`);
    const [first, second] = panes;
    await there(first.locator(".person").first(), "nobody is offered to sign in as");
    must(await second.isHidden(), "both people are on a phone's screen");
    await picture("sign-in");
    await first.locator("[data-sign-up]").click();
    await there(first.locator("input[name=nickname]"), "there is no way to sign up");
    await picture("sign-up");
    await back(first);
    await signIn(first, "minji");
    await there(first.locator(".card").first(), "the feed is empty");
    await picture("feed");
    await first.locator(`[data-listing="${DRILL}"]`).click();
    await there(first.locator('[data-enter="inquiry"]'), "the listing does not offer to ask");
    await picture("listing");
    await first.locator("[data-deals]").click();
    await there(first.locator(".cost", { hasText: /30|5,000/ }), "the form does not say what it costs");
    await picture("rental-form");
    await toEnd(first);
    await picture("rental-form-end");
    await back(first);
    await back(first);
    await tab(first, "mine").click();
    await first.locator('[data-tab="done"]').click();
    await there(first.locator(".deal-head").first(), "nothing is done");
    await picture("mine");
    await first.locator(".deal-head").first().click();
    await there(first.locator(".timeline li").first(), "the deal is not shown");
    await picture("deal");
    await first.locator("[data-deal] .who-with").click();
    await there(first.locator(".manner"), "the person is not shown");
    await picture("person");
    await back(first);
    await back(first);
    await first.locator("[data-wallet]").click();
    await there(first.locator(".row[data-reason]").first(), "the wallet is empty");
    await picture("wallet");
    await back(first);
    if (hasErrands) {
      await tab(first, "errands").click();
      await there(first.locator(".narrowing .chip").first(), "the errands are not shown");
      await picture("errands");
      await first.locator("[data-errand-new]").click();
      await picture("errand-form");
      await back(first);
    }
    await tab(first, "rooms").click();
    const row = first.locator(".row", { hasText: "자전거" }).filter({ hasText: locale === "ko-KR" ? "대화방" : "Room" });
    await there(row.first(), "the bike's room is not listed");
    await picture("rooms");
    await row.first().click();
    await sees(first, "끊겨도 넷");
    await picture("room");
    await first.locator(".message.theirs .more").last().click();
    await there(first.locator(".message-actions"), "a message's actions do not open");
    await picture("actions");
    await first.locator("[data-search]").click();
    await first.locator(".room-search input").fill("의자");
    await there(first.locator(".hit").first(), "the search finds nothing");
    await picture("room-search");
    await first.locator(".hit", { hasText: "접이식" }).click();
    await there(first.locator(".message.pointed"), "what was found is not shown");
    await first.locator("[data-members]").click();
    await there(first.locator(".member").first(), "the members are not shown");
    await picture("members");
    await page.locator('[data-focus="side1"]').click();
    await signIn(second, "junho");
    await tab(second, "notifications").click();
    await there(second.locator(".notification, .empty").first(), "the notifications are not shown");
    await picture("notifications");
    await page.locator('[data-focus="side0"]').click();
    await back(first);
    await tab(first, "notifications").click();
    await there(first.locator(".notification").first(), "the notifications are not shown");
    await picture("notifications-first");
    await tab(first, "me").click();
    await there(first.locator(".setting").first(), "the settings are not shown");
    await picture("me");
    await toEnd(first);
    await picture("me-end");
    await close();
  }
}

async function refusals() {
  step("a wrong password is said in words");
  const { page, panes, close } = await browser.open({ viewport: DESKTOP, locale: "ko-KR", colorScheme: "dark" });
  const [minji, junho] = panes;
  await minji.locator("input[type=email]").fill("minji@example.com");
  await minji.locator("input[type=password]").fill("not-her-password");
  await browser.meaning(401, () => minji.locator("button[type=submit]").click());
  await there(minji.locator(".problem", { hasText: "비밀번호" }), "a wrong password is not said to be");
  await signIn(minji, "minji");
  await signIn(junho, "junho");
  await there(junho.locator(".card").first(), "the feed is empty");
  await browser.picture(page, "feed-ko-dark-desktop");
  await enter(junho, BIKE, "room");
  await sees(junho, "의자는 접이식이에요");

  step("the host shows somebody out, for good");
  await enter(minji, BIKE, "room");
  await minji.locator("[data-members]").click();
  const kick = minji.locator(".member", { hasText: "준호" }).locator(".danger");
  await kick.click();
  await browser.picture(page, "kick-ko-dark-desktop");
  await kick.click();
  await there(junho.locator(".empty-title"), "whoever was shown out still sees the room");
  await there(minji.locator(".system", { hasText: "내보냈어요" }).last(), "the room does not say who was shown out");
  await browser.picture(page, "kicked-ko-dark-desktop");
  await browser.meaning(403, () => junho.locator(".empty .button").click());
  await there(junho.locator(".empty", { hasText: "강퇴" }), "whoever is banned is not told so by the listing");
  await back(junho);
  await tab(junho, "notifications").click();
  await there(junho.locator('.notification[data-type="room.kicked"]'), "whoever was shown out is not notified");
  await browser.picture(page, "banned-ko-dark-desktop");
  await close();
}

try {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  if (values.program) {
    cloud = await startCloud(values.program);
    url = cloud.url;
  }
  browser = await Browser.start({ url, folder, dist: values.dist });
  await served();
  // The page asks, to know whether to show the tab.
  hasErrands = (await fetch(`${url}/errands/demand`)).status !== 404;
  if (!hasErrands) browser.lacking.push("/errands/demand");
  for (const story of [desktop, joining, dealing, hasErrands ? errands : noErrands, phones, refusals]) {
    await story();
    must(browser.faults.length === 0, `${browser.faults.length} things were off on the way`);
  }
  console.log(`all well; pictures in ${folder}`);
} catch (error) {
  console.error(`\nOff, while trying “${now}”: ${error instanceof Off ? error.message : (error.stack ?? error)}`);
  for (const sentence of new Set(browser?.faults ?? [])) console.error(`  ${sentence}`);
  const made = (await browser?.failed().catch(() => [])) ?? [];
  if (made.length > 0) console.error(`  what was on the screen and on the line: ${made.join(", ")}`);
  process.exitCode = 1;
} finally {
  await browser?.stop();
  await cloud?.stop();
}
