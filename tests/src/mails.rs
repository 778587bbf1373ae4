//! Notifications by mail: to whom, in which language, once, and not too many (rows N10, N12, N13).

use domain::time::{DAY, HOUR};
use serde_json::{Value, json};
use store::Accounts;

use crate::{
    Person, World,
    notifications::{account, delete, happens, list, made_up, pass, prefer, read, say, talking, two},
};

/// What somebody was mailed but for the codes of the user pool.
async fn mails(world: &World, person: &Person) -> Vec<Value> {
    let mut mails = world.mails(&person.email).await;
    mails.retain(|mail| mail["code"].is_null());
    mails
}

/// Preferences with one type mailed.
fn mailed(kind: &str) -> Value {
    json!({"types": {kind: {"inApp": true, "push": true, "email": true}}})
}

/// What is handed over of a notification.
fn to_mail(person: &Person, notification: &Value) -> Value {
    json!({"account": person.id, "notification": notification["id"], "began": notification["createdAt"]})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_chose_to_be_mailed_is_mailed_once_each_time_it_begins_n10_n12() {
    let (world, minji, junho, room) = talking().await;
    say(&world, &junho, &room, 1, json!({"text": "고르기 전"})).await;
    assert!(mails(&world, &minji).await.is_empty(), "nobody is mailed who did not ask for it");
    delete(&world, &minji, &list(&world, &minji, "").await[0]).await;

    let set = prefer(&world, &minji, 0, mailed("room.message")).await;
    assert_eq!((&set["language"], &set["types"]["room.message"]["email"]), (&json!("ko"), &json!(true)));
    assert_eq!(set["types"]["room.reply"]["email"], false);
    say(&world, &junho, &room, 2, json!({"text": "값이 <b>얼마</b>예요?"})).await;
    let got = mails(&world, &minji).await;
    assert_eq!(got.len(), 1);
    assert_eq!(
        (&got[0]["from"], &got[0]["subject"]),
        (&json!("no-reply@madang.example"), &json!("[마당] 준호님의 메시지"))
    );
    let text = got[0]["text"].as_str().unwrap_or_default();
    assert!(text.starts_with("준호님의 메시지\n\n값이 <b>얼마</b>예요?\n") && text.contains("알림 설정"), "{text}");
    let page = got[0]["body"].as_str().unwrap_or_default();
    assert!(page.contains("lang=\"ko\"") && page.contains("값이 &lt;b&gt;얼마&lt;/b&gt;예요?"), "{page}");

    say(&world, &junho, &room, 3, json!({"text": "계세요?"})).await;
    assert_eq!(mails(&world, &minji).await.len(), 1, "it gathers in what was not read");
    read(&world, &minji, &list(&world, &minji, "").await[0]).await;
    pass(&world, HOUR / 2);
    say(&world, &junho, &room, 4, json!({"text": "내일은요?"})).await;
    let got = mails(&world, &minji).await;
    assert_eq!(got.len(), 2, "it was read and began again");
    // Another type was not chosen.
    made_up(&world, &minji, 1, world.now()).await;
    world.settle().await;
    assert_eq!(mails(&world, &minji).await.len(), 2);
    assert!(mails(&world, &junho).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_is_in_the_language_that_its_person_set_their_preferences_in_n12() {
    let (world, minji, junho, room) = talking().await;
    let mut choice = mailed("room.message");
    choice["version"] = 0.into();
    let path = "/me/notification-preferences";
    let english = world.put(path, choice).by(&minji).header("accept-language", "en-GB,en;q=0.9");
    assert_eq!(english.expect(200).await.body["language"], "en");
    say(&world, &junho, &room, 1, json!({"text": "안녕하세요"})).await;
    let got = mails(&world, &minji).await;
    assert_eq!((got.len(), &got[0]["subject"]), (1, &json!("[Madang] Message from 준호")));
    assert!(got[0]["text"].as_str().is_some_and(|text| text.contains("You chose to be mailed this")));
    // Or in one that is said.
    let mut said = mailed("listing.expired");
    said["language"] = "ko".into();
    assert_eq!(prefer(&world, &minji, 1, said.clone()).await["language"], "ko");
    made_up(&world, &minji, 1, world.now()).await;
    world.settle().await;
    // The box has the latest first.
    assert_eq!(mails(&world, &minji).await[0]["subject"], "[마당] 마감 시각이 지났어요");
    said["language"] = "fr".into();
    said["version"] = 2.into();
    let refused = world.put(path, said).by(&minji).expect(400).await;
    assert_eq!(refused.bad_fields(), [("/language".to_owned(), "unknown_value".to_owned())].into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_told_or_handed_over_twice_is_one_mail_n10() {
    let (world, minji, _) = two().await;
    prefer(&world, &minji, 0, mailed("listing.expired")).await;
    made_up(&world, &minji, 1, world.now()).await;
    world.settle().await;
    assert_eq!(mails(&world, &minji).await.len(), 1);
    let told = list(&world, &minji, "").await[0].clone();
    // The stream tells of it again, and the function is handed the same again.
    let (pk, sk) =
        (format!("ACCOUNT#{}", minji.id), format!("NOTIFICATION#{}", told["id"].as_str().unwrap_or_default()));
    let image = world.laptop().item(&pk, &sk).await.expect("it is there");
    let before = world.log_of("notifications.mail").len();
    happens(
        &world,
        json!({"Records": [{
            "eventID": "1", "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
            "awsRegion": local::REGION, "eventSourceARN": "arn:aws:dynamodb:stream",
            "dynamodb": {
                "ApproximateCreationDateTime": world.now().seconds(), "SequenceNumber": "100", "SizeBytes": 1,
                "StreamViewType": "NEW_AND_OLD_IMAGES", "Keys": {"pk": {"S": pk}, "sk": {"S": sk}}, "NewImage": image,
            },
        }]}),
    )
    .await;
    assert_eq!(world.log_of("notifications.mail").len(), before + 1, "it was handed over again");
    let again = world.invoke("notifications.mail", to_mail(&minji, &told)).await;
    assert_eq!(again, Ok(json!({"sent": false, "why": "mailed before"})));
    assert_eq!(mails(&world, &minji).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ses_does_not_take_just_now_is_tried_again() {
    let (world, minji, _) = two().await;
    prefer(&world, &minji, 0, mailed("listing.expired")).await;
    world.post("/_local/faults", json!({"mail": 1.0})).expect(204).await;
    made_up(&world, &minji, 1, world.now()).await;
    world.settle().await;
    let told = list(&world, &minji, "").await[0].clone();
    assert!(world.invoke("notifications.mail", to_mail(&minji, &told)).await.is_err());
    assert!(mails(&world, &minji).await.is_empty());
    world.post("/_local/faults", json!({})).expect(204).await;
    assert_eq!(world.invoke("notifications.mail", to_mail(&minji, &told)).await, Ok(json!({"sent": true})));
    assert_eq!(mails(&world, &minji).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_mailed_more_than_twenty_times_at_once_n12() {
    let (world, minji, junho) = two().await;
    for person in [&minji, &junho] {
        prefer(&world, person, 0, mailed("listing.expired")).await;
    }
    for n in 0..22 {
        made_up(&world, &minji, n, world.now()).await;
    }
    made_up(&world, &junho, 99, world.now()).await;
    world.settle().await;
    assert_eq!(mails(&world, &minji).await.len(), 20);
    assert_eq!(list(&world, &minji, "?limit=100").await.len(), 22, "all are in the list");
    assert_eq!(mails(&world, &junho).await.len(), 1, "each has a rate of their own");
    pass(&world, DAY / 20);
    made_up(&world, &minji, 100, world.now()).await;
    made_up(&world, &minji, 101, world.now()).await;
    world.settle().await;
    assert_eq!(mails(&world, &minji).await.len(), 21, "one more after seventy-two minutes");
    for line in world.log_of("notifications.mail") {
        assert!(line["roundTrips"].as_u64().is_some_and(|trips| trips <= 4), "{line}");
        assert!(line["writeUnits"].as_f64().is_some_and(|units| units <= 5.0), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_mail_in_quiet_hours_nor_of_what_was_read_nor_to_whoever_has_no_address_or_left_n12_a20() {
    let (world, minji, _) = two().await;
    // It is noon in Seoul.
    let mut quiet = mailed("listing.expired");
    quiet["quietHours"] = json!({"from": 720, "until": 780});
    prefer(&world, &minji, 0, quiet).await;
    made_up(&world, &minji, 1, world.now()).await;
    world.settle().await;
    let told = list(&world, &minji, "").await[0].clone();
    assert!(world.log_of("notifications.mail").is_empty(), "it waits in the list");
    let not_wanted = json!({"sent": false, "why": "not wanted, or not any more"});
    assert_eq!(
        world.invoke("notifications.mail", to_mail(&minji, &told)).await,
        Ok(not_wanted.clone()),
        "begun before"
    );

    prefer(&world, &minji, 1, mailed("listing.expired")).await;
    read(&world, &minji, &told).await;
    assert_eq!(world.invoke("notifications.mail", to_mail(&minji, &told)).await, Ok(not_wanted.clone()), "read");

    // As of somebody who came by Kakao: an account knows no address that nobody vouched for.
    let id = account(&minji);
    let table = world.table();
    let accounts = Accounts(&table);
    let before = accounts.by_id_now(&id).await.expect("the table answers").and_then(store::AccountRecord::active);
    let before = before.expect("an account");
    let without = domain::account::Account { email: None, version: before.version + 1, ..before.clone() };
    accounts.save(&before, &without, world.now()).await.expect("it is saved");
    made_up(&world, &minji, 2, world.now()).await;
    world.settle().await;
    assert_eq!(world.log_of("notifications.mail").len(), 3);
    let with = domain::account::Account { version: without.version + 1, ..before };
    accounts.save(&without, &with, world.now()).await.expect("it is saved");

    let told = list(&world, &minji, "?unread=true").await[0].clone();
    world.delete("/me").by(&minji).expect(204).await;
    world.settle().await;
    assert_eq!(world.invoke("notifications.mail", to_mail(&minji, &told)).await, Ok(not_wanted), "left");
    assert!(mails(&world, &minji).await.is_empty());
}
