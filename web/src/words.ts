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
  kinddeal: ["거래", "Deal"],
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
  "type_deal.proposed": ["새 제안과 신청", "Offers and requests"],
  "type_deal.accepted": ["내 제안이 수락됨", "My offer was accepted"],
  "type_deal.ended": ["내 제안이 이루어지지 않음", "My offer came to nothing"],
  "type_deal.moved": ["거래가 나아감", "A deal goes on"],
  "type_deal.done": ["거래가 끝남", "A deal is done"],
  "type_deal.broken": ["거래가 깨지거나 늦어짐", "A deal broke or is late"],
  "type_deal.reminder": ["하루 전에 알림", "The day before"],
  "type_report.decided": ["내 신고의 결과", "My report was decided"],
  "type_account.warned": ["경고", "A warning"],
  "type_account.suspended": ["이용 정지", "A suspension"],
  "type_content.hidden": ["내 글이 가려짐", "Something of mine was hidden"],
  "type_review.visible": ["받은 후기", "I was reviewed"],
  quietHours: ["방해 금지 시간", "Quiet hours"],
  quietHint: ["이 시간의 알림은 목록에만 남아요.", "Alerts of these hours only wait in the list."],
  quietFrom: ["시작", "From"],
  quietUntil: ["끝", "Until"],

  deals: ["거래", "Deals"],
  deal: ["거래", "Deal"],
  dealsAbout: ["이 물건의 거래", "Deals about this"],
  offerSwap: ["교환 제안하기", "Offer a swap"],
  askRental: ["대여 신청하기", "Ask to borrow"],
  offerToLend: ["빌려주겠다고 하기", "Offer to lend"],
  seeOffers: ["받은 제안 보기", "See the offers"],
  offers: ["받은 제안", "Offers"],
  myDealHere: ["내 거래", "My deal"],
  noOffers: ["아직 제안이 없어요", "No offers yet"],
  noOffersHint: ["제안이 오면 알려 드릴게요.", "You will be told when one comes."],
  notOpenNow: ["지금은 제안할 수 없어요", "Nothing can be offered now"],
  whatYouGive: ["무엇을 드릴까요?", "What do you give?"],
  whatYouGiveHint: ["상태와 수량을 적어 주세요.", "Say how many, and in what state."],
  ownListing: ["내 물건 중에서 (선택)", "One of my listings (optional)"],
  ownListingNone: ["고르지 않음", "None"],
  offeredListing: ["제안한 물건 보기", "See what is offered"],
  offerPictures: ["사진 더하기", "Add pictures"],
  picturesAdded: ["사진 {n}장", "Pictures: {n}"],
  sendOffer: ["제안 보내기", "Send the offer"],
  offerSent: ["보냈어요", "Sent"],
  takenTimes: ["이미 약속된 시간", "Times that are taken"],
  takenNone: ["아직 아무도 빌리지 않았어요.", "Nobody has it yet."],
  takenThen: ["그때는 이미 약속되어 있어요.", "Somebody else has it then."],
  from: ["시작", "From"],
  until: ["끝", "Until"],
  endAfterStart: ["끝은 시작보다 한 시간 넘게 뒤여야 해요.", "The end has to be an hour or more after the start."],
  wouldPay: ["드릴 값 (원, 선택)", "What you would pay (KRW, optional)"],
  cost: ["값", "Price"],
  deposit: ["보증금", "Deposit"],
  depositHint: ["돌려받을 때까지 맡겨 두어요.", "Held until it is back."],
  noDeposit: ["없음", "None"],
  coinsOf: ["{n}코인", "{n} coins"],
  oneCoin: ["{n}코인", "{n} coin"],
  extensionAsked: ["연장 부탁", "More time asked for"],
  held: ["맡긴 코인", "Coins held"],
  givesThis: ["드리는 것", "Offered"],
  time: ["시간", "Time"],
  dealWith: ["{name} 님과", "With {name}"],
  reasonWas: ["이유", "Reason"],
  dueBy: ["{time}까지 답이 없으면 저절로 넘어가요", "Moves on by itself on {time}"],
  why: ["이유를 적어 주세요", "Say why"],
  whyHint: ["2자 이상", "2 letters or more"],
  newEnd: ["언제까지 더 쓸까요?", "Until when?"],
  doIt: ["확인", "Confirm"],
  timeline: ["지금까지", "So far"],
  openDealRoom: ["대화하기", "Talk"],
  sure: ["정말요?", "Really?"],
  nobodyDid: ["저절로", "By itself"],
  proposedAs_barter: ["교환 제안", "Swap"],
  proposedAs_rental: ["대여", "Rental"],
  proposedAs_errand: ["심부름", "Errand"],

  s_proposed: ["답 기다리는 중", "Waiting for an answer"],
  s_agreed: ["약속됨", "Agreed"],
  s_hostConfirmed: ["한쪽이 확인함", "One side confirmed"],
  s_guestConfirmed: ["한쪽이 확인함", "One side confirmed"],
  s_running: ["빌려 쓰는 중", "Lent out"],
  s_late: ["늦어지는 중", "Late"],
  s_returned: ["돌려줌", "Returned"],
  s_disputed: ["운영자 판단 중", "In dispute"],
  s_done: ["완료", "Done"],
  s_declined: ["거절됨", "Declined"],
  s_withdrawn: ["거둠", "Taken back"],
  s_lapsed: ["기한 지남", "Lapsed"],
  s_overtaken: ["다른 이웃과 약속됨", "Somebody else came first"],
  s_broken: ["깨짐", "Broken off"],

  a_withdraw: ["거두기", "Take back"],
  a_decline: ["거절", "Decline"],
  a_accept: ["수락", "Accept"],
  a_confirm: ["주고받았어요", "We have swapped"],
  a_handOver: ["건넸어요", "Handed over"],
  a_return: ["돌려줬어요", "I brought it back"],
  a_end: ["잘 돌려받았어요", "I have it back"],
  a_askExtension: ["연장 부탁", "Ask for more time"],
  a_allowExtension: ["연장 허락", "Give more time"],
  a_refuseExtension: ["연장 거절", "No more time"],
  a_complete: ["심부름 끝", "It is done"],
  a_break: ["약속 깨기", "Break off"],
  a_dispute: ["운영자에게 맡기기", "Dispute"],

  moved_propose_barter: ["{name} 님이 교환을 제안했어요", "{name} offered a swap"],
  moved_propose_rental: ["{name} 님이 대여를 신청했어요", "{name} asked for a rental"],
  moved_propose_errand: ["{name} 님이 견적을 보냈어요", "{name} sent a quote"],
  moved_withdraw: ["{name} 님이 제안을 거두었어요", "{name} took the offer back"],
  moved_decline: ["{name} 님이 거절했어요", "{name} said no"],
  moved_accept: ["{name} 님이 수락했어요", "{name} said yes"],
  moved_confirm: ["{name} 님이 주고받았다고 확인했어요", "{name} says that things have changed hands"],
  moved_confirm_done: ["{name} 님도 확인해서 교환이 끝났어요", "{name} confirmed too; the swap is done"],
  moved_handOver: ["{name} 님이 물건을 건넸어요", "{name} handed it over"],
  moved_return: ["{name} 님이 돌려주었다고 했어요", "{name} says that it is back"],
  moved_end: ["{name} 님이 잘 돌려받아 대여가 끝났어요", "{name} has it back; the rental is over"],
  moved_askExtension: ["{name} 님이 더 쓰고 싶어 해요", "{name} asked for more time"],
  moved_allowExtension: ["{name} 님이 연장을 허락했어요", "{name} gave more time"],
  moved_refuseExtension: ["{name} 님이 연장을 거절했어요", "{name} gave no more time"],
  moved_complete: ["{name} 님이 심부름이 끝났다고 했어요", "{name} says that the errand is done"],
  moved_break: ["{name} 님이 약속을 깼어요", "{name} broke it off"],
  moved_dispute: ["{name} 님이 운영자의 판단을 구했어요", "{name} asked an administrator to decide"],
  moved_award: ["운영자가 맡긴 코인을 넘겨주었어요", "An administrator paid out what was held"],
  moved_refund: ["운영자가 맡긴 코인을 돌려주었어요", "An administrator gave back what was held"],
  timed_confirm: ["다른 말이 없어 교환이 끝난 것으로 했어요", "Nobody objected; the swap counts as done"],
  timed_end: ["다른 말이 없어 대여가 끝난 것으로 했어요", "Nobody objected; the rental is over"],
  timed_complete: ["다른 말이 없어 심부름이 끝난 것으로 했어요", "Nobody objected; the errand counts as done"],
  timed_lapse: ["때가 지나 없던 일이 되었어요", "Time ran out; the deal is off"],
  timed_overdue: ["돌려줄 때가 지났어요", "It should be back by now"],
  timed_overtake: ["다른 이웃과 먼저 약속되었어요", "Somebody else came first"],
  timed_remind: ["내일이에요", "It is tomorrow"],
  timed_abandon: ["한쪽이 마당을 떠나 끝났어요", "One side left Madang; the deal is over"],
  timed_dispute: ["돌아오지 않아 운영자가 정해요", "It did not come back; an administrator decides"],

  tab_proposed: ["답 기다림", "Waiting"],
  tab_ongoing: ["진행 중", "Ongoing"],
  tab_done: ["완료", "Done"],
  tab_failed: ["안 됨", "Fell through"],
  noDeals: ["여기엔 거래가 없어요", "No deals here"],
  noDealsHint: ["동네에서 물건을 골라 제안해 보세요.", "Pick something nearby and make an offer."],
  toReview: ["후기를 남겨 주세요", "Waiting for your review"],
  reviewUntil: ["{time}까지", "until {time}"],

  wallet: ["지갑", "Wallet"],
  balance: ["쓸 수 있는 코인", "Coins to spend"],
  worth: ["{won}어치", "worth {won}"],
  lines: ["드나든 코인", "What came and went"],
  noLines: ["드나든 코인이 없어요", "Nothing came or went"],
  why_hold: ["맡김", "Held"],
  why_earn: ["받음", "Earned"],
  why_refund: ["돌려받음", "Given back"],
  why_grant: ["선물", "Grant"],
  why_charge: ["충전", "Charged"],
  why_withdraw: ["출금", "Withdrawn"],

  review: ["후기", "Review"],
  reviews: ["받은 후기", "Reviews"],
  reviewHow: ["{name} 님과의 거래는 어땠나요?", "How was it with {name}?"],
  reviewText: ["어떤 점이 좋았나요? (10~300자)", "What was good, what was not? (10–300 letters)"],
  reviewSend: ["후기 남기기", "Send the review"],
  reviewSent: ["후기를 남겼어요. 상대가 쓰거나 14일이 지나면 보여요.", "Sent. It is shown once the other side has written, or after 14 days."],
  reviewNone: ["지금 쓸 수 있는 후기가 없어요", "There is nothing to review now"],
  starsOf: ["별 {n}개", "Stars: {n}"],
  starsFirst: ["별을 골라 주세요.", "Choose the stars first."],
  reviewsNone: ["아직 받은 후기가 없어요.", "No reviews yet."],
  reviewsCount: ["후기 {n}개", "Reviews: {n}"],
  person: ["이웃", "Neighbour"],
  followers: ["단골 {n}명", "Followers: {n}"],
  follow: ["단골 맺기", "Follow"],
  unfollow: ["단골 끊기", "Unfollow"],
  manner: ["매너 점수", "Manner score"],
  mannerNone: ["아직 점수가 없어요. 거래를 마치고 후기를 받으면 생겨요.", "No score yet. It comes with the first review."],
  mannerBase: ["후기에서 ({n}개)", "From reviews ({n})"],
  mannerOff: ["깎인 점수", "Taken off"],
  b_great: ["아주 좋아요", "Great"],
  b_good: ["좋아요", "Good"],
  b_fair: ["보통이에요", "Fair"],
  b_poor: ["아쉬워요", "Poor"],
  c_brokeDeal: ["약속을 깸", "Broke a deal"],
  c_noShow: ["나타나지 않음", "Did not show up"],
  c_lateReturn: ["늦게 돌려줌", "Returned late"],
  c_upheldReport: ["받아들여진 신고", "A report that was upheld"],
  points: ["{n}점", "{n} points"],
  report: ["신고하기", "Report"],
  reportWhat: ["무엇이 문제인가요?", "What is wrong?"],
  reportText: ["자세히 (기타일 때 꼭)", "In detail (needed for other)"],
  reportSend: ["신고 보내기", "Send the report"],
  reported: ["신고했어요. 운영자가 살펴볼게요.", "Reported. An administrator will look at it."],
  rc_prohibited: ["판매 금지 물품이에요", "Something that may not be traded"],
  rc_offTopic: ["거래 글이 아니에요", "Not an offer at all"],
  rc_professional: ["전문 판매업자 같아요", "A professional seller"],
  rc_fraud: ["사기 같아요", "Fraud"],
  rc_other: ["기타", "Other"],

  errands: ["심부름", "Errands"],
  errand: ["심부름", "Errand"],
  errandsMine: ["내 부탁", "Mine"],
  errandsFind: ["찾기", "Find"],
  makers: ["메이커", "Makers"],
  maker: ["메이커", "Maker"],
  makerBe: ["메이커 되기", "Become a maker"],
  makerEdit: ["메이커 소개 고치기", "Edit my maker profile"],
  makerNeeded: ["메이커가 되면 심부름을 찾아 견적을 보낼 수 있어요.", "Makers find errands here and quote on them."],
  makerLine: ["한 줄 소개", "In one line"],
  makerAbout: ["자세한 소개", "About you"],
  makerJourneys: ["하는 일", "Kinds of journeys"],
  makerProvinces: ["다니는 곳", "Provinces"],
  makerSave: ["저장", "Save"],
  noMakers: ["메이커가 없어요", "No makers here"],
  sortreviews: ["후기 많은 순", "Most reviews"],
  sortrating: ["별점 높은 순", "Best rated"],
  sortconfirmed: ["확정 많은 순", "Most confirmed"],
  confirmedCount: ["확정 {n}", "Confirmed: {n}"],
  errandNew: ["부탁하기", "Ask for an errand"],
  errandTitle: ["무엇을 부탁할까요?", "What is it?"],
  errandDate: ["언제", "Which day"],
  errandJourney: ["어떤 일", "What kind"],
  errandProvince: ["어디에서", "Where"],
  errandDetails: ["자세히", "Details"],
  errandAddress: ["받을 곳 (쇼핑만)", "Where to send it (shopping only)"],
  errandSendTo: ["받을 곳", "Send it to"],
  errandAddressHint: ["나와, 약속된 메이커만 봐요.", "Only you and the maker you agree with see it."],
  errandSend: ["부탁 올리기", "Put it up"],
  errandNone: ["심부름이 없어요", "No errands here"],
  errandNoneHint: ["새로 부탁하거나 나중에 다시 보세요.", "Ask for one, or come back later."],
  errandOpenIn: ["지금 열린 심부름 {n}건", "Open errands: {n}"],
  errandDelete: ["부탁 거두기", "Take it back"],
  es_ongoing: ["진행 중", "Ongoing"],
  es_readyToComplete: ["마칠 때", "To be completed"],
  es_completed: ["완료", "Done"],
  es_overdue: ["기한 지남", "Overdue"],
  est_open: ["견적 기다리는 중", "Open"],
  est_reserved: ["메이커와 약속됨", "Promised"],
  est_closed: ["완료", "Done"],
  est_expired: ["기한 지남", "Overdue"],
  est_withdrawn: ["거둠", "Taken back"],
  j_foodTour: ["맛집", "Food"],
  j_shopping: ["쇼핑", "Shopping"],
  j_relaxation: ["휴양", "Relaxation"],
  j_culture: ["문화", "Culture"],
  j_activity: ["액티비티", "Activity"],
  j_festival: ["축제", "Festival"],
  quotes: ["받은 견적", "Quotes"],
  quote: ["견적", "Quote"],
  quoteNone: ["아직 견적이 없어요.", "No quotes yet."],
  quotePrice: ["얼마에 할까요? (코인)", "For how many coins?"],
  quoteText: ["어떻게 할지 적어 주세요 (10자 이상)", "Say how (10 letters or more)"],
  quoteSend: ["견적 보내기", "Send the quote"],
  quoteMine: ["보낸 견적 보기", "See my quote"],
  quoteAccept: ["이 메이커로 확정", "Confirm this maker"],
  designate: ["견적 부탁", "Ask for a quote"],
  designated: ["지정", "Asked"],
  designatedAll: ["지정한 메이커", "Makers you asked"],
  designateNo: ["이번엔 못 해요", "Not this time"],
  d_waiting: ["답 기다리는 중", "Waiting"],
  d_quoted: ["견적을 보냄", "Quoted"],
  d_declined: ["거절함", "Said no"],
  d_lapsed: ["지나감", "Lapsed"],
  askedForQuote: ["견적을 부탁했어요", "Asked"],
  chooseMaker: ["메이커를 골라 견적을 부탁해 보세요.", "Choose a maker and ask for a quote."],

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

/** 11월 25일 (수) 오전 10:00 */
export function moment(at: string): string {
  return format({ month: "short", day: "numeric", weekday: "short", hour: "numeric", minute: "2-digit" }).format(new Date(at));
}

/** A day without a time, 2026-12-24: 12월 24일 (목) */
export function date(day: string): string {
  return format({ month: "short", day: "numeric", weekday: "short" }).format(new Date(`${day}T12:00:00`));
}

/** 30코인 */
export function coins(amount: number): string {
  const n = amount.toLocaleString(language === "ko" ? "ko-KR" : "en-GB");
  return say(Math.abs(amount) === 1 ? "oneCoin" : "coinsOf", { n });
}
