// Every word of the page, in Korean and in English.

export type Language = "ko" | "en";

const WORDS = {
  brand: ["마당", "Madang"],
  tagline: ["두 사람이 되어 나란히 써 보세요", "Be two neighbours, side by side"],
  person1: ["첫 번째 사람", "Person 1"],
  person2: ["두 번째 사람", "Person 2"],
  language: ["English", "한국어"],
  languageLabel: ["Switch to English", "한국어로 바꾸기"],
  dark: ["어둡게", "Dark"],
  light: ["밝게", "Light"],
  back: ["뒤로", "Back"],
  close: ["닫기", "Close"],
  cancel: ["취소", "Cancel"],
  tryAgain: ["다시 시도", "Try again"],
  loading: ["불러오는 중", "Loading"],
  more: ["더 보기", "Show more"],
  noAnswer: ["연결할 수 없어요. 잠시 뒤에 다시 시도해 주세요.", "There was no answer. Please try again in a moment."],
  signedOutNow: ["로그인이 끝났어요. 다시 로그인해 주세요.", "Your session has ended. Please sign in again."],
  odd: ["뜻밖의 문제가 생겼어요.", "Something unexpected went wrong."],

  signIn: ["로그인", "Sign in"],
  signInAs: ["누가 되어 볼까요?", "Who would you like to be?"],
  signInOr: ["또는 이메일로", "or by e-mail"],
  demoPerson: ["체험용 이웃", "Demo neighbour"],
  email: ["이메일", "E-mail"],
  password: ["비밀번호", "Password"],
  signOut: ["로그아웃", "Sign out"],

  signUp: ["가입하기", "Sign up"],
  signUpOffer: ["처음이신가요?", "New here?"],
  signUpInstead: ["이미 가입했어요", "I have an account"],
  nickname: ["별명", "Nickname"],
  nicknameHint: ["한글, 영문, 숫자 2~15자", "2–15 letters or digits"],
  passwordHint: ["8자 이상, 문자·숫자·기호를 모두 넣어 주세요", "8 or more, with a letter, a digit and a symbol"],
  agree: ["이용약관에 동의해요", "I agree to the terms of use"],
  codeTitle: ["메일을 확인해 주세요", "Check your mail"],
  codeSent: ["{email}(으)로 여섯 자리 코드를 보냈어요.", "A code of six digits was sent to {email}."],
  code: ["인증 코드", "Code"],
  codeConfirm: ["확인", "Confirm"],
  codeAgain: ["코드 다시 보내기", "Send another code"],
  codeSentAgain: ["새 코드를 보냈어요", "Another code is on its way"],
  confirmed: ["인증이 끝났어요. 로그인해 주세요.", "Your address is confirmed. Please sign in."],
  mailBox: ["노트북 메일함 열기", "Open the laptop's mail box"],

  feed: ["동네", "Nearby"],
  rooms: ["대화", "Chats"],
  notifications: ["알림", "Alerts"],
  me: ["나", "Me"],
  unreadCount: ["안 읽음 {n}", "{n} unread"],

  search: ["제목이나 초성으로 찾기", "Search titles"],
  region: ["지역", "Area"],
  everywhere: ["모든 지역", "Everywhere"],
  allOf: ["{name} 전체", "All of {name}"],
  all: ["전체", "All"],
  barter: ["물물교환", "Swap"],
  rental: ["대여", "Lending"],
  lend: ["빌려드려요", "To lend"],
  borrow: ["빌려요", "Wanted"],
  wants: ["바라는 것", "In return for"],
  free: ["무료", "Free"],
  toAgree: ["가격 협의", "Price open"],
  perhour: ["시간", "hour"],
  perday: ["일", "day"],
  permonth: ["월", "month"],
  deadlineLeft: ["{time} 남음", "{time} left"],
  days: ["{n}일", "{n} d"],
  hours: ["{n}시간", "{n} h"],
  minutes: ["{n}분", "{n} min"],
  closed: ["마감", "Closed"],
  open: ["진행 중", "Open"],
  reserved: ["예약됨", "Reserved"],
  expired: ["기한 지남", "Expired"],
  withdrawn: ["내림", "Taken down"],
  nothingHere: ["아직 아무것도 없어요", "Nothing here yet"],
  nothingHereHint: ["지역을 넓히거나 다른 말로 찾아보세요.", "Try a wider area or other words."],
  listing: ["물건", "Listing"],
  joinRoom: ["대화방 들어가기", "Join the room"],
  inquire: ["따로 문의하기", "Ask in private"],
  inquireRental: ["문의하기", "Ask the owner"],
  openOwnRoom: ["대화방 열기", "Open the room"],
  bookmark: ["관심", "Save"],
  bookmarked: ["관심 등록됨", "Saved"],
  pictureOf: ["{title} 사진 {n}", "Picture {n} of {title}"],

  noRooms: ["아직 대화가 없어요", "No chats yet"],
  noRoomsHint: ["동네에서 물건을 골라 대화방에 들어가 보세요.", "Pick something nearby and join its room."],
  kindlisting: ["대화방", "Room"],
  kindinquiry: ["문의", "Inquiry"],
  kinddirect: ["1:1", "Direct"],
  gone: ["떠난 이웃", "Someone who left"],
  picture: ["사진", "Picture"],
  video: ["동영상", "Video"],
  youSaid: ["나: {text}", "You: {text}"],
  nothingSaid: ["아직 주고받은 말이 없어요", "Nothing has been said yet"],

  members: ["참여자", "Members"],
  membersCount: ["참여자 {n}명", "{n} members"],
  host: ["방장", "Host"],
  you: ["나", "You"],
  online: ["온라인", "Online"],
  away: ["자리비움", "Away"],
  offline: ["오프라인", "Offline"],
  kick: ["내보내기", "Remove"],
  kickSure: ["정말 내보내기", "Really remove"],
  talkAlone: ["1:1 대화", "Message"],
  leave: ["나가기", "Leave"],
  leaveSure: ["정말 나가기", "Really leave"],
  mute: ["알림 끄기", "Mute"],
  unmute: ["알림 켜기", "Unmute"],
  mutedRoom: ["알림 꺼짐", "Muted"],
  roomClosed: ["닫힌 대화방이에요. 더 쓸 수 없어요.", "This room is closed; nothing more can be written."],
  roomLost_left: ["대화방에서 나왔어요.", "You left the room."],
  roomLost_kicked: ["대화방에서 내보내졌어요.", "You were removed from the room."],
  roomLost_deleted: ["대화방이 없어졌어요.", "The room is gone."],
  seeListing: ["물건 보기", "See the listing"],

  write: ["메시지 쓰기", "Write a message"],
  send: ["보내기", "Send"],
  attach: ["사진 보내기", "Send a picture"],
  sending: ["보내는 중", "Sending"],
  waiting: ["연결되면 보낼게요", "Will be sent when connected"],
  failed: ["보내지 못했어요", "Not sent"],
  discard: ["지우기", "Discard"],
  uploading: ["사진 올리는 중", "Uploading the picture"],
  reply: ["답장", "Reply"],
  replyingTo: ["{name} 님에게 답장", "Replying to {name}"],
  react: ["반응", "React"],
  edit: ["고치기", "Edit"],
  editing: ["메시지 고치는 중", "Editing a message"],
  edited: ["고침", "edited"],
  remove: ["삭제", "Delete"],
  removeSure: ["정말 삭제", "Really delete"],
  removed: ["지운 메시지예요", "This message was deleted"],
  actions: ["메시지 동작", "Message actions"],
  typingOne: ["{name} 님이 쓰고 있어요", "{name} is typing"],
  typingMany: ["{n}명이 쓰고 있어요", "{n} people are typing"],
  newMessages: ["새 메시지", "New messages"],
  readHere: ["여기까지 읽었어요", "New from here"],
  readAll: ["읽음", "Read"],
  notReadBy: ["{n}명이 안 읽음", "Not read by {n}"],
  older: ["이전 메시지", "Earlier messages"],
  roomStart: ["대화의 시작이에요", "This is where it begins"],
  someone: ["이웃", "A neighbour"],
  joined: ["{name} 님이 입장했어요", "{name} joined"],
  left: ["{name} 님이 나갔어요", "{name} left"],
  kicked: ["{name} 님을 내보냈어요", "{name} was removed"],
  closed_deleted: ["물건이 삭제되어 대화방이 닫혔어요", "The listing was deleted; the room is closed"],
  closed_closed: ["거래가 끝나 대화방이 닫혔어요", "The deal is done; the room is closed"],
  closed_expired: ["기한이 지나 대화방이 닫혔어요", "The deadline passed; the room is closed"],
  closed_withdrawn: ["물건을 내려 대화방이 닫혔어요", "The listing was taken down; the room is closed"],
  closed_left: ["상대가 나가 대화가 끝났어요", "The other one left; the conversation is over"],
  closed_banned: ["내보내져 대화가 끝났어요", "The conversation was ended by the host"],
  opened: ["대화가 다시 열렸어요", "The conversation is open again"],
  closed_room: ["대화방이 닫혔어요", "The room is closed"],
  searchRoom: ["대화에서 찾기", "Search this room"],
  searchRoomHint: ["찾을 말을 적어 주세요.", "Write what to look for."],
  foundNone: ["찾는 말이 없어요", "Nothing found"],
  foundGone: ["그 메시지까지 갈 수 없어요.", "That message cannot be shown."],
  today: ["오늘", "Today"],
  yesterday: ["어제", "Yesterday"],

  r_like: ["좋아요", "Like"],
  r_heart: ["하트", "Heart"],
  r_laugh: ["웃음", "Laugh"],
  r_wow: ["놀람", "Wow"],
  r_sad: ["슬픔", "Sad"],
  r_thanks: ["고마워요", "Thanks"],
  r_party: ["축하", "Party"],
  r_fire: ["최고", "Fire"],
  r_eyes: ["보고 있어요", "Eyes"],
  r_check: ["확인", "Check"],

  connecting: ["연결하는 중", "Connecting"],
  connected: ["연결됨", "Connected"],
  reconnecting: ["연결이 끊겨 다시 연결하는 중", "Connection lost; reconnecting"],

  markAllRead: ["모두 읽음", "Mark all read"],
  readOne: ["읽음으로 표시", "Mark as read"],
  noNotifications: ["알림이 없어요", "No alerts"],
  noNotificationsHint: ["새 소식이 오면 여기에 모아 둘게요.", "News will gather here."],
  deleteOne: ["알림 지우기", "Delete this alert"],
  preferences: ["알림 설정", "Alert settings"],
  saved: ["저장했어요", "Saved"],
  new: ["새 알림", "New"],
  inList: ["목록", "List"],
  atOnce: ["바로", "Live"],
  inListOf: ["{name}: 알림 목록에 남기기", "{name}: keep in the list"],
  atOnceOf: ["{name}: 바로 알리기", "{name}: tell me at once"],
  "type_listing.expired": ["내 물건의 기한이 지남", "My listing expired"],
  "type_listing.inquiry": ["내 물건에 온 문의", "Questions about my listing"],
  "type_room.message": ["1:1 대화와 문의의 새 메시지", "Messages between two"],
  "type_room.reply": ["내 메시지에 달린 답장", "Answers to my messages"],
  "type_room.kicked": ["대화방에서 내보내짐", "Removed from a room"],
  quietHours: ["방해 금지 시간", "Quiet hours"],
  quietHint: ["이 시간의 알림은 목록에만 남아요.", "Alerts of these hours only wait in the list."],
  quietFrom: ["시작", "From"],
  quietUntil: ["끝", "Until"],

  presence: ["보이는 상태", "Seen as"],
  p_automatic: ["자동", "Automatic"],
  p_away: ["자리비움", "Away"],
  p_invisible: ["안 보이게", "Invisible"],
  home: ["우리 동네", "Home district"],
  homeHint: ["동네를 고르면 대화방에 들어갈 수 있어요.", "Choose your district to join rooms nearby."],
  homeChoose: ["동네를 골라 주세요", "Choose a district"],
} as const satisfies Record<string, readonly [string, string]>;

/** A word's name. */
export type Word = keyof typeof WORDS;

let language: Language = "ko";

export function speak(chosen: Language): void {
  language = chosen;
}

export function spoken(): Language {
  return language;
}

/** Says it in the chosen language. */
export function say(word: Word, put: Record<string, string | number> = {}): string {
  const text = WORDS[word][language === "ko" ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(put[name] ?? ""));
}

/** The word of that name, if there is one: for names that come from the server. */
export function word(name: string): Word | undefined {
  return Object.hasOwn(WORDS, name) ? (name as Word) : undefined;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options);
  const known = formats.get(key) ?? new Intl.DateTimeFormat(language === "ko" ? "ko-KR" : "en-GB", options);
  formats.set(key, known);
  return known;
}

/** 오후 3:05 */
export function clock(at: string): string {
  return format({ hour: "numeric", minute: "2-digit" }).format(new Date(at));
}

/** 2026년 11월 21일 토요일 */
export function day(at: string): string {
  const date = new Date(at);
  const ago = daysAgo(date);
  const long = format({ year: "numeric", month: "long", day: "numeric", weekday: "long" }).format(date);
  return ago === 0 ? `${say("today")} · ${long}` : ago === 1 ? `${say("yesterday")} · ${long}` : long;
}

/** The time today, otherwise the day. */
export function when(at: string): string {
  const date = new Date(at);
  const ago = daysAgo(date);
  if (ago === 0) return clock(at);
  if (ago === 1) return say("yesterday");
  return format({ month: "short", day: "numeric" }).format(date);
}

function daysAgo(date: Date): number {
  const midnight = (one: Date) => new Date(one.getFullYear(), one.getMonth(), one.getDate()).getTime();
  return Math.round((midnight(new Date()) - midnight(date)) / 86_400_000);
}

/** How long it is until then, in one unit. */
export function until(at: string): string | null {
  const minutes = Math.floor((Date.parse(at) - Date.now()) / 60_000);
  if (minutes < 0) return null;
  if (minutes < 60) return say("minutes", { n: Math.max(minutes, 1) });
  if (minutes < 48 * 60) return say("hours", { n: Math.floor(minutes / 60) });
  return say("days", { n: Math.floor(minutes / 1440) });
}

/** ₩5,000 */
export function won(amount: number): string {
  return language === "ko" ? `${amount.toLocaleString("ko-KR")}원` : `₩${amount.toLocaleString("en-GB")}`;
}

/** The name of a district or a category. */
export function named(thing: { nameKo: string; nameEn: string }): string {
  return language === "ko" ? thing.nameKo : thing.nameEn;
}
