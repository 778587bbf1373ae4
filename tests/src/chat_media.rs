//! Pictures and videos of messages: what is taken, what is made of it, who gets at it, what goes again (rows C19, M2, M3,
//! M4).

use std::time::{Duration, SystemTime};

use aws_sdk_s3::presigning::PresigningConfig;
use domain::{
    id::{AccountId, MediaId},
    media::Media,
    time::{DAY, HOUR},
};
use files::Addresses;
use futures::future::join_all;
use image::{DynamicImage, GenericImageView, ImageFormat};
use local::BUCKET;
use reqwest::Method;
use serde_json::{Value, json};
use store::{Error, MediaItems};

use crate::{Person, Reply, World, listings::text, picture_bytes};

const GANGNAM: &str = "seoul/gangnam-gu";
const SECRET: &[u8] = b"37.4979N 127.0276E";

/// A file that begins as videos do, of so many bytes.
fn video_bytes(brand: &[u8; 4], size: usize) -> Vec<u8> {
    let mut bytes = [b"\0\0\0\x14ftyp", &brand[..], b"\0\0\x02\0", &brand[..], b"\0\0\0\x08free"].concat();
    bytes.resize(size, b'm');
    bytes
}

fn png_bytes(width: u32, height: u32) -> Vec<u8> {
    let decoded = image::load_from_memory(&picture_bytes(width, height)).expect("a picture");
    let mut bytes = std::io::Cursor::new(vec![]);
    decoded.write_to(&mut bytes, ImageFormat::Png).expect("an encoder that works");
    bytes.into_inner()
}

/// A JPEG whose camera was held sideways and wrote down where it was.
fn with_exif(jpeg: &[u8]) -> Vec<u8> {
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0".to_vec();
    // Orientation (0x0112), one SHORT, 6: a quarter turn.
    exif.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]);
    exif.extend(SECRET);
    let length = u16::try_from(exif.len() + 2).unwrap_or_default().to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length[..], &exif[..], &jpeg[2..]].concat()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// The event of a file that arrived.
fn arrived(id: &str) -> Value {
    json!({"Records": [{
        "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": "madang-local-media"}, "object": {"key": format!("uploads/{id}")}},
    }]})
}

/// Uploads a file for a message, and gives how the upload stands then.
async fn sent(world: &World, person: &Person, content_type: &str, bytes: Vec<u8>) -> Value {
    let begun = world.begin_upload(person, "message", content_type, bytes.len()).await;
    assert_eq!(world.upload(&begun, bytes).await, 200);
    world.settle().await;
    world.get(&format!("/media/{}", text(&begun["id"]))).by(person).expect(200).await.body
}

async fn stored(world: &World, id: &Value) -> Option<Media> {
    let id = MediaId::parse(&text(id)).expect("an identifier");
    MediaItems(&world.table()).by_id(&id).await.expect("the table answers")
}

async fn addresses(world: &World, id: &Value) -> Addresses {
    let media = stored(world, id).await.expect("an upload");
    let found = world.private_files().addresses(&media, world.now()).await.expect("an address can be signed");
    found.expect("a file that is ready")
}

async fn fetched(world: &World, url: &str, content_type: &str) -> Reply {
    let file = world.get(url).expect(200).await;
    assert_eq!(file.header("content-type"), content_type);
    assert!(file.header("content-disposition").starts_with("inline; filename="));
    assert_eq!(file.header("cache-control"), "private, max-age=3600");
    file
}

fn decoded(file: &Reply) -> DynamicImage {
    image::load_from_memory_with_format(&file.bytes, ImageFormat::Jpeg).expect("a JPEG")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_takes_pictures_which_become_two_jpegs_c19_m3() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    for (content_type, bytes) in [("image/jpeg", picture_bytes(800, 600)), ("image/png", png_bytes(800, 600))] {
        let shown = sent(&world, &minji, content_type, bytes).await;
        assert_eq!((&shown["status"], &shown["purpose"]), (&json!("ready"), &json!("message")));
        assert_eq!((&shown["picture"], &shown["used"]), (&Value::Null, &json!(false)));
        let file = &shown["file"];
        assert_eq!(
            (&file["contentType"], &file["width"], &file["height"]),
            (&json!("image/jpeg"), &json!(800), &json!(600))
        );
        assert!(!text(&file["placeholder"]).is_empty());
        let found = addresses(&world, &shown["id"]).await;
        let original = fetched(&world, &found.url, "image/jpeg").await;
        assert_eq!(json!(original.bytes.len()), file["size"]);
        assert_eq!(decoded(&original).dimensions(), (800, 600));
        let thumbnail = fetched(&world, &found.thumbnail_url.expect("a thumbnail"), "image/jpeg").await;
        assert_eq!(decoded(&thumbnail).dimensions(), (400, 300));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_takes_videos_which_stay_as_they_came_c19_m4() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    for (content_type, brand) in [("video/mp4", b"isom"), ("video/quicktime", b"qt  ")] {
        // Larger than what is read of it.
        let bytes = video_bytes(brand, 300_000);
        let shown = sent(&world, &minji, content_type, bytes.clone()).await;
        assert_eq!((&shown["status"], &shown["picture"]), (&json!("ready"), &Value::Null));
        let nothing = Value::Null;
        let wanted = json!({
            "contentType": content_type, "size": 300_000, "width": nothing, "height": nothing, "placeholder": nothing,
        });
        assert_eq!(shown["file"], wanted);
        let found = addresses(&world, &shown["id"]).await;
        assert_eq!(found.thumbnail_url, None);
        let file = fetched(&world, &found.url, content_type).await;
        assert!(file.bytes == bytes, "not a byte is another");
        // A player asks for parts.
        let part = world.get(&found.url).header("range", "bytes=4-7").expect(206).await;
        assert_eq!(part.bytes, b"ftyp");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thumbnail_is_within_400_by_300_and_nothing_is_enlarged_m3() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    for (sides, kept, small) in [
        ((3000, 1000), (2560, 853), (400, 133)),
        ((600, 800), (600, 800), (225, 300)),
        ((100, 50), (100, 50), (100, 50)),
        ((1, 1), (1, 1), (1, 1)),
    ] {
        let shown = sent(&world, &minji, "image/jpeg", picture_bytes(sides.0, sides.1)).await;
        assert_eq!((&shown["file"]["width"], &shown["file"]["height"]), (&json!(kept.0), &json!(kept.1)));
        let found = addresses(&world, &shown["id"]).await;
        assert_eq!(decoded(&fetched(&world, &found.url, "image/jpeg").await).dimensions(), kept);
        let thumbnail = fetched(&world, &found.thumbnail_url.expect("a thumbnail"), "image/jpeg").await;
        assert_eq!(decoded(&thumbnail).dimensions(), small, "{sides:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_a_picture_of_a_message_was_taken_is_told_to_nobody_c19_m3() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let bytes = with_exif(&picture_bytes(800, 600));
    assert!(holds(&bytes, SECRET));
    let shown = sent(&world, &minji, "image/jpeg", bytes).await;
    assert_eq!((&shown["file"]["width"], &shown["file"]["height"]), (&json!(600), &json!(800)));
    let found = addresses(&world, &shown["id"]).await;
    for url in [Some(found.url), found.thumbnail_url].into_iter().flatten() {
        let file = fetched(&world, &url, "image/jpeg").await;
        assert!(!holds(&file.bytes, SECRET) && !holds(&file.bytes, b"Exif"));
        let (width, height) = decoded(&file).dimensions();
        assert!(height > width, "upright");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_message_is_public_m2() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let junho = world.member("junho", "준호", GANGNAM).await;
    for (content_type, bytes) in [("image/jpeg", picture_bytes(400, 300)), ("video/mp4", video_bytes(b"mp42", 10_000))]
    {
        let shown = sent(&world, &minji, content_type, bytes).await;
        let id = text(&shown["id"]);
        let keys = [
            format!("private/{id}/original.jpg"),
            format!("private/{id}/original.mp4"),
            format!("private/{id}/thumbnail.jpg"),
            format!("uploads/{id}"),
            format!("renditions/{id}/400.jpg"),
            format!("renditions/{id}/320.webp"),
            format!("renditions/../private/{id}/original.jpg"),
            format!("renditions/%2e%2e/private/{id}/original.mp4"),
        ];
        for key in keys {
            world.get(&format!("/_cdn/{key}")).expect(403).await;
            // The bucket itself, without a signature. A path that leads out of itself is none of the bucket's.
            let bare = world.get(&format!("/{BUCKET}/{key}")).send().await;
            assert!(matches!(bare.status, 400 | 403), "{key}: {}", bare.status);
        }
        world.get(&format!("/{BUCKET}?prefix=private/")).expect(403).await;
        world.get(&format!("/media/{id}")).by(&junho).refused(404, "not_found").await;
        // An address is of one file, for reading, as it was signed.
        let url = addresses(&world, &shown["id"]).await.url;
        world.get(&url.replace("/original.", "/thumbnail.")).expect(403).await;
        world.get(&url.replace("response-content-type=", "response-content-type=text%2Fhtml%3B")).expect(403).await;
        world.get(&url.replace("inline", "attachment")).expect(403).await;
        world.get(url.split('?').next().unwrap_or_default()).expect(403).await;
        for method in [Method::PUT, Method::DELETE] {
            world.ask(method, &url).bytes(vec![0]).expect(403).await;
        }
        world.get(&url).expect(200).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "addresses end by the clock of the machine, as they do on AWS")]
async fn an_address_ends_after_an_hour_m2() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let shown = sent(&world, &minji, "video/mp4", video_bytes(b"isom", 5_000)).await;
    let found = addresses(&world, &shown["id"]).await;
    assert!(found.url.contains("X-Amz-Expires=3600&"), "{}", found.url);
    assert_eq!(found.expires_at, world.now().plus(HOUR));
    // The same address as it was given out earlier.
    let bucket = aws_sdk_s3::Client::new(&world.laptop().sdk());
    let given_out = async |seconds_ago: u64| {
        let began = SystemTime::now() - Duration::from_secs(seconds_ago);
        let lasting = PresigningConfig::builder().start_time(began).expires_in(Duration::from_secs(3600)).build();
        let key = format!("private/{}/original.mp4", text(&shown["id"]));
        let get = bucket.get_object().bucket(BUCKET).key(key);
        let presigned = get.presigned(lasting.expect("an hour")).await.expect("an address");
        presigned.uri().to_owned()
    };
    world.get(&given_out(3_500).await).expect(200).await;
    world.get(&given_out(3_601).await).expect(403).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_not_what_it_claims_is_rejected_and_nothing_of_it_kept_c19_m4() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let whole = video_bytes(b"isom", 5_000);
    let mut endless = whole.clone();
    endless[..4].copy_from_slice(&[0xFF; 4]);
    for (content_type, bytes, reason) in [
        ("video/mp4", b"<script>alert(1)</script> called mp4".to_vec(), "not_this_format"),
        ("video/mp4", picture_bytes(40, 30), "not_this_format"),
        ("video/mp4", video_bytes(b"qt  ", 5_000), "not_this_format"),
        ("video/quicktime", whole.clone(), "not_this_format"),
        ("video/mp4", video_bytes(b"heic", 5_000), "not_this_format"),
        ("video/mp4", whole[..20].to_vec(), "truncated"),
        ("video/mp4", b"\0".to_vec(), "truncated"),
        ("video/mp4", endless, "truncated"),
        ("image/jpeg", whole, "not_this_format"),
        ("image/png", picture_bytes(40, 30), "not_this_format"),
        ("image/jpeg", picture_bytes(400, 300)[..2_000].to_vec(), "truncated"),
    ] {
        let shown = sent(&world, &minji, content_type, bytes).await;
        let id = text(&shown["id"]);
        assert_eq!((&shown["status"], &shown["rejection"]), (&json!("rejected"), &json!(reason)), "{content_type}");
        assert_eq!((&shown["picture"], &shown["file"]), (&Value::Null, &Value::Null));
        let again = world.invoke("media.optimize", arrived(&id)).await;
        assert_eq!(again, Ok(json!({"handled": [{"media": id, "outcome": "done before"}]})));
        assert!(private_files_of(&world, &id).await.is_empty());
        world.delete(&format!("/media/{id}")).by(&minji).expect(204).await;
    }
    let faults = world.log_of("media.optimize").iter().filter(|line| line["status"] != 200).count();
    assert_eq!(faults, 0, "a bad file is no fault of the function");
}

/// What lies below `private/` of an upload.
async fn private_files_of(world: &World, id: &str) -> Vec<String> {
    let bucket = aws_sdk_s3::Client::new(&world.laptop().sdk());
    let listed = bucket.list_objects_v2().bucket(BUCKET).prefix(format!("private/{id}/")).send().await;
    let files = listed.expect("an administrator may list").contents.unwrap_or_default();
    files.into_iter().filter_map(|file| file.key).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_not_as_long_as_was_said_is_rejected_c19_m4() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    // The address takes no other length; this one came past it.
    let bucket = aws_sdk_s3::Client::new(&world.laptop().sdk());
    for (size, reason) in [(4_999, "truncated"), (5_001, "too_large"), (0, "truncated")] {
        let begun = world.begin_upload(&minji, "message", "video/mp4", 5_000).await;
        let id = text(&begun["id"]);
        let bytes = video_bytes(b"isom", 5_001)[..size].to_vec();
        let put = bucket.put_object().bucket(BUCKET).key(format!("uploads/{id}")).body(bytes.into());
        put.send().await.expect("an administrator may put");
        world.settle().await;
        let shown = world.get(&format!("/media/{id}")).by(&minji).expect(200).await.body;
        assert_eq!((&shown["status"], &shown["rejection"]), (&json!("rejected"), &json!(reason)), "{size}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_purpose_has_its_types_and_each_type_its_size_c19_m4() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let (picture, video) = (5 * 1024 * 1024, 100 * 1024 * 1024);
    let ask = |purpose: &str, content_type: &str, size: u64| {
        let body = json!({"purpose": purpose, "contentType": content_type, "size": size});
        world.post("/media", body).by(&minji)
    };
    for (content_type, limit) in
        [("image/jpeg", picture), ("image/png", picture), ("video/mp4", video), ("video/quicktime", video)]
    {
        let begun = ask("message", content_type, limit).expect(201).await.body;
        assert_eq!(begun["upload"]["headers"]["content-type"], content_type);
        let refused = ask("message", content_type, limit + 1).expect(422).await;
        assert_eq!(refused.bad_fields(), [("/size".into(), "too_large".into())].into(), "{content_type}");
    }
    for (purpose, content_type) in [
        ("message", "image/webp"),
        ("message", "image/gif"),
        ("listing", "video/mp4"),
        ("listing", "video/quicktime"),
        ("profile", "video/mp4"),
        ("profile", "video/quicktime"),
    ] {
        let refused = ask(purpose, content_type, 100).expect(422).await;
        let wanted = [("/contentType".into(), "not_together".into())].into();
        assert_eq!(refused.bad_fields(), wanted, "{purpose} {content_type}");
    }
    let refused = ask("message", "image/gif", picture + 1).expect(422).await;
    assert_eq!(refused.bad_fields().len(), 2, "each wrong field is named");
    ask("message", "video/webm", 100).expect(400).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_address_of_a_video_is_bound_to_its_type_and_length_m4() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let bytes = video_bytes(b"isom", 5_000);
    let begun = world.begin_upload(&minji, "message", "video/mp4", bytes.len()).await;
    let url = text(&begun["upload"]["url"]);
    let put = |content_type: &str, bytes: Vec<u8>| {
        world.ask(Method::PUT, &url).header("content-type", content_type).bytes(bytes)
    };
    put("text/html", bytes.clone()).expect(403).await;
    put("video/quicktime", bytes.clone()).expect(403).await;
    put("video/mp4", bytes[1..].to_vec()).expect(403).await;
    // Headers that are not signed are let through, and left behind.
    let sly = put("video/mp4", bytes).header("content-disposition", "attachment").header("cache-control", "public");
    sly.expect(200).await;
    world.settle().await;
    fetched(&world, &addresses(&world, &begun["id"]).await.url, "video/mp4").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_runs_at_once_make_one_file_of_a_message_c19_b6() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    for (content_type, bytes) in [("image/jpeg", picture_bytes(400, 300)), ("video/mp4", video_bytes(b"isom", 50_000))]
    {
        let begun = world.begin_upload(&minji, "message", content_type, bytes.len()).await;
        let id = text(&begun["id"]);
        let early = world.invoke("media.optimize", arrived(&id)).await;
        assert_eq!(early, Ok(json!({"handled": [{"media": id, "outcome": "gone"}]})));
        assert_eq!(world.upload(&begun, bytes.clone()).await, 200);
        let runs = join_all((0..4).map(|_| world.invoke("media.optimize", arrived(&id)))).await;
        assert!(runs.iter().all(Result::is_ok), "{runs:?}");
        world.settle().await;
        let media = format!("/media/{id}");
        let first = world.get(&media).by(&minji).expect(200).await.body;
        assert_eq!(first["status"], "ready");
        let url = addresses(&world, &begun["id"]).await.url;
        let file = fetched(&world, &url, content_type).await.bytes;
        // The file sent again, and an event that comes late, change nothing.
        assert_eq!(world.upload(&begun, bytes).await, 200);
        world.settle().await;
        assert_eq!(world.get(&media).by(&minji).expect(200).await.body, first);
        assert!(world.get(&url).expect(200).await.bytes == file);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_an_upload_its_private_files_go_m2_m5() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    for (content_type, bytes) in [("image/png", png_bytes(40, 30)), ("video/quicktime", video_bytes(b"qt  ", 5_000))] {
        let shown = sent(&world, &minji, content_type, bytes).await;
        let found = addresses(&world, &shown["id"]).await;
        let urls: Vec<String> = [Some(found.url), found.thumbnail_url].into_iter().flatten().collect();
        for url in &urls {
            world.get(url).expect(200).await;
        }
        world.delete(&format!("/media/{}", text(&shown["id"]))).by(&minji).expect(204).await;
        world.settle().await;
        for url in &urls {
            // The administrator's key may know that it is not there.
            world.get(url).expect(404).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_removed_while_it_is_made_ready_leaves_no_file_behind_c19_m5() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    // Large, so that making it ready takes longer than removing it.
    let bytes = picture_bytes(3000, 2200);
    for purpose in ["message", "listing"] {
        let mut reached = false;
        for _ in 0..20 {
            let begun = world.begin_upload(&minji, purpose, "image/jpeg", bytes.len()).await;
            let id = text(&begun["id"]);
            let media = format!("/media/{id}");
            assert_eq!(world.upload(&begun, bytes.clone()).await, 200);
            let (outcome, ()) = tokio::join!(world.invoke("media.optimize", arrived(&id)), async {
                // Some time goes by in which both runs begin.
                for _ in 0..3 {
                    world.get(&media).by(&minji).expect(200).await;
                }
                world.delete(&media).by(&minji).expect(204).await;
            });
            world.settle().await;
            assert!(private_files_of(&world, &id).await.is_empty(), "{outcome:?}");
            for name in ["1600.webp", "1600.jpg", "800.jpg", "320.webp"] {
                world.get(&format!("/_cdn/renditions/{id}/{name}")).expect(403).await;
            }
            if outcome.is_ok_and(|outcome| outcome["handled"][0]["outcome"] == "removed meanwhile") {
                reached = true;
                break;
            }
        }
        assert!(reached, "{purpose}: it was never removed in between");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_takes_a_file_that_is_its_authors_and_ready_and_no_other_takes_it_c19() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let owner = AccountId::parse(&minji.id).expect("an account");
    let other = AccountId::parse("00000000-0000-4000-8000-000000000000").expect("an account");
    let table = world.table();
    let items = MediaItems(&table);
    let shown = sent(&world, &minji, "image/jpeg", picture_bytes(40, 30)).await;
    let id = MediaId::parse(&text(&shown["id"])).expect("an identifier");
    let clashes = async |id: &MediaId, owner: &AccountId, by: &str| {
        matches!(items.take(id, owner, by).await, Err(Error::Clash(_)))
    };
    assert!(clashes(&id, &other, "a").await, "another's");
    let taken = items.take(&id, &owner, "a").await.expect("a file to take");
    assert_eq!((taken.used_by.as_deref(), &taken.id), (Some("a"), &id));
    assert!(taken.file.is_some());
    // However often the same message takes it, it is one taking.
    assert_eq!(items.take(&id, &owner, "a").await.expect("the same again"), taken);
    assert!(clashes(&id, &owner, "b").await, "used by something else");
    let waiting = world.begin_upload(&minji, "message", "image/jpeg", 100).await;
    let waiting = MediaId::parse(&text(&waiting["id"])).expect("an identifier");
    assert!(clashes(&waiting, &owner, "a").await, "not ready");
    let listings = MediaId::parse(&world.picture(&minji, "listing").await).expect("an identifier");
    assert!(clashes(&listings, &owner, "a").await, "of a listing");
    let unknown = MediaId::parse("med_01K9ZX3V5M8QJ4T0N2R6W7Y1ZZ").expect("an identifier");
    assert!(clashes(&unknown, &owner, "a").await, "missing");
    assert_eq!(items.by_id(&unknown).await.expect("the table answers"), None, "nothing was made by it");
    // Its owner sees that it is used, and cannot remove it.
    let media = format!("/media/{id}");
    assert_eq!(world.get(&media).by(&minji).expect(200).await.body["used"], true);
    world.delete(&media).by(&minji).refused(409, "media_in_use").await;
    // A listing does not take it either.
    let body = json!({
        "kind": "rental", "title": "전동 드릴", "description": "비트 포함", "category": "household",
        "section": "lend", "price": 5000, "unit": "day", "pictures": [id],
    });
    let refused = world.post("/listings", body).by(&minji).expect(422).await;
    assert_eq!(refused.bad_fields().get("/pictures/0").map(String::as_str), Some("not_together"));
    let refused = world.patch("/me", json!({"version": 2, "image": id})).by(&minji).expect(422).await;
    assert_eq!(refused.bad_fields().get("/image").map(String::as_str), Some("not_together"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_no_message_took_goes_after_a_day_and_a_taken_one_stays_c19_m5() {
    let world = World::new().await;
    let minji = world.member("minji", "민지", GANGNAM).await;
    let owner = AccountId::parse(&minji.id).expect("an account");
    let unused = sent(&world, &minji, "image/jpeg", picture_bytes(40, 30)).await;
    let used = sent(&world, &minji, "video/mp4", video_bytes(b"isom", 5_000)).await;
    let id = MediaId::parse(&text(&used["id"])).expect("an identifier");
    MediaItems(&world.table()).take(&id, &owner, "a").await.expect("a file to take");
    let (gone, there) = (addresses(&world, &unused["id"]).await, addresses(&world, &used["id"]).await);
    world.stop_clock_at(world.now().plus(DAY));
    let event = json!({"source": "aws.events", "time": world.now().to_string(), "detail": {}});
    let swept = world.invoke("media.sweep", event).await;
    assert_eq!(swept, Ok(json!({"removed": 1, "finished": true})));
    world.settle().await;
    world.get(&gone.url).expect(404).await;
    world.get(&there.url).expect(200).await;
    assert!(stored(&world, &unused["id"]).await.is_none());
}
