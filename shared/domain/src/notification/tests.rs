//! What notifications promise.

use proptest::prelude::*;

use super::*;
use crate::{deal::Kind, message::Quote, room::Status, time::HOUR};

const ULID: &str = "01K9ZX3V5M8QJ4T0N2R6W7Y1AB";

fn account(n: u8) -> AccountId {
    AccountId::parse(&format!("6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f5{n:02}")).unwrap()
}

fn message(seq: u64) -> Message {
    serde_json::from_value(serde_json::json!({
        "room": format!("room_{ULID}"), "seq": seq, "version": 1, "messageKind": "text", "author": account(1),
        "nonce": "12345678", "text": format!("말 {seq}"), "createdAt": Time::from_ms(i64::try_from(seq).unwrap() * 1000),
    }))
    .unwrap()
}

fn room(kind: RoomKind) -> Room {
    Room {
        id: RoomId::from_ulid(ULID),
        kind,
        listing: None,
        title: None,
        host: None,
        two: if kind.is_of_two() { vec![account(1), account(2)] } else { vec![] },
        members: 2,
        seq: 0,
        preview: None,
        active_at: Time::EPOCH,
        status: Status::Open,
        created_at: Time::EPOCH,
    }
}

fn said(seq: u64) -> Notice {
    Notice::RoomMessage(Said {
        room: RoomId::from_ulid(ULID),
        kind: RoomKind::Direct,
        title: None,
        nickname: Some("민지".into()),
        preview: Preview::of(&message(seq)),
        count: 1,
    })
}

fn gather(settings: &Settings, known: Option<&Known>, seq: u64) -> Option<Notification> {
    let at = Time::from_ms(i64::try_from(seq).unwrap() * 1000);
    settings.gathered(known, NotificationId::from_ulid(ULID), account(2), said(seq), at)
}

fn all(settings: &Settings, seqs: &[u64]) -> Option<Notification> {
    let mut known: Option<Known> = None;
    for seq in seqs {
        if let Some(after) = gather(settings, known.as_ref(), *seq) {
            known = Some(Known::There(Box::new(after)));
        }
    }
    known.and_then(Known::there)
}

fn count(notification: &Notification) -> u32 {
    notification.notice.said().unwrap().count
}

#[test]
fn one_is_told_of_what_the_other_of_two_says_and_elsewhere_of_answers_alone() {
    let (direct, group) = (room(RoomKind::Direct), room(RoomKind::Listing));
    let plain = message(1);
    assert_eq!(told_of(&plain, &direct), Some((&account(2), Type::RoomMessage)));
    assert_eq!(told_of(&plain, &group), None);
    let quoting = |who| Message { reply_to: Some(Quote { seq: 1, author: who, text: None }), ..message(2) };
    assert_eq!(told_of(&quoting(Some(account(3))), &group), Some((&account(3), Type::RoomReply)));
    assert_eq!(told_of(&quoting(Some(account(1))), &group), None, "nobody is told of themselves");
    assert_eq!(told_of(&quoting(None), &group), None);
    let one_left = Room { two: vec![account(1)], ..room(RoomKind::Direct) };
    assert_eq!(told_of(&plain, &one_left), None);
    assert_eq!(told_of(&Message { author: None, ..message(3) }, &direct), None);
}

#[test]
fn whoever_muted_a_room_read_on_or_joined_later_is_not_told() {
    let member = Member::new(RoomId::from_ulid(ULID), account(2), Time::EPOCH, 3);
    assert!(!wants(&member, 3) && wants(&member, 4));
    assert!(!wants(&Member { muted: true, ..member.clone() }, 4));
    assert!(!wants(&Member { read: 4, ..member.clone() }, 4) && wants(&Member { read: 4, ..member }, 5));
}

proptest! {
    #[test]
    fn messages_told_twice_late_and_out_of_order_come_to_the_same(
        order in Just((1_u64..=30).collect::<Vec<_>>()).prop_shuffle(),
        again in proptest::collection::vec(0_usize..30, 0..30),
    ) {
        let mut told = order.clone();
        for at in &again {
            told.insert(*at, order[(*at * 7) % 30]);
        }
        let settings = Settings::default();
        let (tidy, untidy) = (all(&settings, &(1..=30).collect::<Vec<_>>()).unwrap(), all(&settings, &told).unwrap());
        prop_assert_eq!(count(&untidy), 30);
        prop_assert_eq!((&tidy.notice, tidy.updated_at, &tidy.gathered), (&untidy.notice, untidy.updated_at, &untidy.gathered));
    }

    #[test]
    fn what_was_read_does_not_come_back(order in Just((1_u64..=20).collect::<Vec<_>>()).prop_shuffle(), read in 1_u64..=20) {
        let gathered = order.iter().fold(Gathered::default(), |all, seq| all.with(*seq).unwrap_or(all)).read_to(read);
        prop_assert_eq!(u64::from(gathered.count()), 20 - read);
        let again = order.iter().fold(gathered.clone(), |all, seq| all.with(*seq).unwrap_or(all));
        prop_assert_eq!(again, gathered);
    }
}

#[test]
fn of_more_than_a_hundred_the_latest_hundred_are_kept_and_a_repeat_changes_nothing() {
    let settings = Settings::default();
    let many = all(&settings, &(1..=130).collect::<Vec<_>>()).unwrap();
    assert_eq!((count(&many), many.gathered.done), (100, 30));
    assert_eq!(many.notice.render(Lang::Ko).title, "민지님의 메시지 100+개");
    let known = Known::There(Box::new(many));
    for seq in [1, 30, 31, 130] {
        assert_eq!(gather(&settings, Some(&known), seq), None, "{seq}");
    }
}

#[test]
fn after_it_was_read_or_deleted_the_count_begins_anew_and_repeats_stay_silent() {
    let settings = Settings::default();
    let first = all(&settings, &[1, 2, 3]).unwrap();
    let read = Known::There(Box::new(Notification { read: true, ..first.clone() }));
    let deleted = Known::Deleted { gathered: first.gathered.clone(), revision: 9 };
    let everything = Settings { read_until: Some(first.updated_at), ..Settings::default() };
    let unread = Known::There(Box::new(first.clone()));
    for (settings, known) in [(&settings, &read), (&settings, &deleted), (&everything, &unread)] {
        assert_eq!(gather(settings, Some(known), 2), None);
        assert_eq!(gather(settings, Some(known), 3), None);
        let next = gather(settings, Some(known), 4).unwrap();
        assert_eq!((count(&next), next.read, next.revision), (1, false, known.revision() + 1));
        assert!(next.updated_at > first.updated_at);
    }
}

#[test]
fn what_is_told_late_is_not_taken_for_read_with_everything_before() {
    let settings = Settings { read_until: Some(Time::from_ms(5_000)), ..Settings::default() };
    let late = gather(&settings, None, 2).unwrap();
    assert_eq!(late.updated_at, Time::from_ms(5_001));
    assert!(!late.is_read(settings.read_until));
}

#[test]
fn reading_the_room_takes_off_what_was_read_and_in_the_end_the_notification_is_read() {
    let three = all(&Settings::default(), &[1, 2, 5]).unwrap();
    let some = three.read_to(2).unwrap();
    assert_eq!((count(&some), some.read), (1, false));
    assert!(!some.is_news(Some(&three)), "less is no news");
    assert_eq!(some.read_to(2), None);
    let rest = some.read_to(7).unwrap();
    assert!(rest.read);
    let known = Known::There(Box::new(rest));
    assert_eq!(gather(&Settings::default(), Some(&known), 6), None, "it was read before it was told");
}

#[test]
fn a_message_that_is_edited_or_deleted_is_shown_as_it_is_now() {
    let two = all(&Settings::default(), &[1, 2]).unwrap();
    assert_eq!(two.showing(&message(1)), None);
    assert_eq!(two.showing(&message(2)), None, "nothing changed");
    let deleted = Message { text: None, deleted_at: Some(Time::EPOCH), ..message(2) };
    let after = two.showing(&deleted).unwrap();
    assert_eq!(after.notice.render(Lang::Ko).body, "삭제된 메시지예요.");
    assert!(!after.is_news(Some(&two)));
}

fn quiet(from: u16, until: u16) -> Quiet {
    Quiet { from, until, utc_offset: Quiet::SEOUL }
}

/// A minute of the day in Seoul.
fn seoul(minute: i64) -> Time {
    Time::from_ms(20 * DAY + minute * MINUTE - 9 * HOUR)
}

#[test]
fn quiet_hours_begin_with_their_first_minute_and_end_before_their_last() {
    let siesta = quiet(13 * 60, 14 * 60);
    for (minute, is_quiet) in [(779, false), (780, true), (839, true), (840, false), (0, false)] {
        assert_eq!(siesta.at(seoul(minute)), is_quiet, "{minute}");
    }
    assert!(!siesta.at(seoul(780).plus(-1)) && siesta.at(seoul(840).plus(-1)));
}

#[test]
fn quiet_hours_may_go_past_midnight() {
    let night = quiet(22 * 60, 7 * 60);
    for (minute, is_quiet) in [(1319, false), (1320, true), (1439, true), (0, true), (419, true), (420, false)] {
        assert_eq!(night.at(seoul(minute)), is_quiet, "{minute}");
    }
    let until_midnight = quiet(1439, 0);
    assert!(until_midnight.at(seoul(1439)) && !until_midnight.at(seoul(0)) && !until_midnight.at(seoul(1438)));
}

#[test]
fn quiet_hours_of_equal_bounds_are_never() {
    for minute in [0, 1, 720, 1439] {
        let bound = u16::try_from(minute).unwrap();
        assert!(!quiet(bound, bound).at(seoul(minute)));
    }
}

#[test]
fn quiet_hours_go_by_the_clock_that_was_chosen() {
    let night = Quiet { from: 0, until: 60, utc_offset: -300 };
    assert!(night.at(Time::from_ms(5 * HOUR)) && !night.at(Time::from_ms(6 * HOUR)));
    assert!(!quiet(0, 60).at(Time::from_ms(5 * HOUR)) && quiet(0, 60).at(Time::from_ms(15 * HOUR)));
}

#[test]
fn whoever_wants_a_type_neither_listed_nor_pushed_gets_none_and_unlisted_it_is_hidden() {
    let with = |ways| Settings {
        preferences: Preferences { types: Chosen([(Type::RoomMessage, ways)].into()), ..Preferences::default() },
        ..Settings::default()
    };
    assert_eq!(gather(&with(Ways { in_app: false, push: false, email: false }), None, 1), None);
    assert!(gather(&with(Ways { in_app: false, push: true, email: false }), None, 1).unwrap().hidden);
    let quietly = with(Ways { in_app: true, push: false, email: false });
    assert!(!gather(&quietly, None, 1).unwrap().hidden);
    assert!(!quietly.preferences.pushes(Type::RoomMessage, Time::EPOCH));
    assert!(quietly.preferences.pushes(Type::RoomReply, Time::EPOCH), "of the others the usual holds");
    assert!(Type::ALL.into_iter().all(|kind| !quietly.preferences.mails(kind, Time::EPOCH)), "nobody asked for mail");
    let mut mailed = with(Ways { in_app: false, push: false, email: true });
    assert!(gather(&mailed, None, 1).unwrap().hidden);
    assert!(mailed.preferences.mails(Type::RoomMessage, Time::EPOCH));
    mailed.preferences.quiet_hours = Some(Quiet { from: 0, until: 1, utc_offset: 0 });
    assert!(!mailed.preferences.mails(Type::RoomMessage, Time::EPOCH));
    assert!(mailed.preferences.mails(Type::RoomMessage, Time::EPOCH.plus(MINUTE)));
}

#[test]
fn preferences_are_read_strictly_and_every_bad_field_is_named() {
    let read = |value: serde_json::Value| deserr::deserialize::<Chosen, _, Invalid>(value);
    let good = read(serde_json::json!({"room.reply": {"inApp": true, "push": false}})).unwrap();
    assert_eq!(good.0, [(Type::RoomReply, Ways { in_app: true, push: false, email: false })].into());
    let bad = read(serde_json::json!({
        "room.reply": {"inApp": "yes", "push": false}, "weather": {}, "room.kicked": {"inApp": true, "fax": true},
    }));
    let mut fields: Vec<_> = bad.unwrap_err().0.into_iter().map(|bad| (bad.field, bad.wrong.code())).collect();
    fields.sort();
    let wanted = [
        ("/room.kicked/fax", "unknown_field"),
        ("/room.kicked/push", "missing"),
        ("/room.reply/inApp", "wrong_type"),
        ("/weather", "unknown_field"),
    ];
    assert_eq!(fields, wanted.map(|(field, code)| (field.to_owned(), code)));
    let quiet = deserr::deserialize::<Quiet, _, Invalid>(serde_json::json!({"from": 1440, "until": -1}));
    assert_eq!(quiet.unwrap_err().0.len(), 2);
}

fn of_trust() -> [Notice; 5] {
    let subject = Subject::Listing(ListingId::from_ulid(ULID));
    let reason = Reason::parse("판매가 금지된 물품이에요.").unwrap();
    let excerpt = Some("자전거".to_owned());
    [
        Notice::ReportDecided { report: ReportId::from_ulid(ULID), subject: subject.clone(), upheld: true },
        Notice::AccountWarned { subject: subject.clone(), excerpt: excerpt.clone(), reason: reason.clone() },
        Notice::AccountSuspended { until: Time::from_ms(DAY), reason: reason.clone() },
        Notice::ContentHidden { subject, excerpt, reason },
        Notice::ReviewVisible {
            deal: DealId::from_ulid(ULID),
            title: "자전거".into(),
            account: account(1),
            stars: Stars(5),
        },
    ]
}

fn of_errands() -> [Notice; 2] {
    let (errand, title, nickname) = (ErrandId::from_ulid(ULID), "떡 사 오기".to_owned(), Some("민지".to_owned()));
    [
        Notice::ErrandAsked {
            errand: errand.clone(),
            title: title.clone(),
            journey: Journey::FoodTour,
            account: account(1),
            nickname: nickname.clone(),
        },
        Notice::ErrandDeclined { errand, title, account: account(1), nickname },
    ]
}

/// One of each thing that can be done to a deal, in each state that it can lead to.
fn of_deals() -> Vec<Notice> {
    let mut all = vec![];
    for kind in Kind::ALL {
        let process = kind.process();
        for way in std::iter::once(&process.propose).chain(process.transitions) {
            all.push(Notice::of_deal(DealNews {
                deal: DealId::from_ulid(ULID),
                kind,
                action: way.action,
                state: way.to.unwrap_or(State::Agreed),
                title: "자전거".into(),
                nickname: way.when.is_none().then(|| "민지".into()),
            }));
        }
    }
    all
}

#[test]
fn every_type_has_words_in_both_languages_and_comes_back_from_what_is_stored() {
    let listing = ListingId::from_ulid(ULID);
    let room = RoomId::from_ulid(ULID);
    let of = |title: Option<&str>, nickname: Option<&str>| Notice::ListingInquiry {
        listing: listing.clone(),
        title: title.map(str::to_owned),
        room: room.clone(),
        account: account(1),
        nickname: nickname.map(str::to_owned),
    };
    let Notice::RoomMessage(one) = said(1) else { unreachable!() };
    let picture =
        Said { preview: Preview { kind: MessageKind::Image, text: None, ..one.preview.clone() }, ..one.clone() };
    let all = [
        Notice::ListingExpired { listing: listing.clone(), title: "자전거".into() },
        of(Some("자전거"), Some("민지")),
        of(None, None),
        said(1),
        Notice::RoomMessage(Said { count: 3, ..one.clone() }),
        Notice::RoomReply(Said { count: 2, ..one }),
        Notice::RoomReply(picture),
        Notice::RoomKicked { room, listing, title: "자전거".into() },
        Notice::ErrandAsked {
            errand: ErrandId::from_ulid(ULID),
            title: "오메기떡".into(),
            journey: Journey::Shopping,
            account: account(1),
            nickname: Some("민지".into()),
        },
        Notice::ErrandDeclined {
            errand: ErrandId::from_ulid(ULID),
            title: "오메기떡".into(),
            account: account(1),
            nickname: None,
        },
    ];
    let mut all = all.to_vec();
    all.extend(of_trust());
    all.extend(of_errands());
    all.extend(of_deals());
    let kinds: BTreeSet<Type> = all.iter().map(Notice::kind).collect();
    assert_eq!(kinds, Type::ALL.into_iter().collect());
    for notice in &all {
        for lang in [Lang::Ko, Lang::En] {
            let Words { title, body } = notice.render(lang);
            assert!(!title.is_empty() && !body.is_empty(), "{notice:?}");
        }
        let stored = serde_json::to_value(notice).unwrap();
        assert_eq!(stored["type"], notice.kind().word());
        assert_eq!(&serde_json::from_value::<Notice>(stored).unwrap(), notice);
    }
    assert_eq!(all[3].render(Lang::En), Words { title: "Message from 민지".into(), body: "말 1".into() });
    assert_eq!(all[4].render(Lang::Ko).title, "민지님의 메시지 3개");
    assert_eq!(all[6].render(Lang::Ko).body, "사진을 보냈어요.");
}
