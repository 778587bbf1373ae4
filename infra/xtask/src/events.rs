//! `events/<context>/<route>.json`: for each function an event as AWS sends it, and further ones where a function takes
//! several shapes: `create.rental.json`. Each happens on the seeded laptop at the seed's moment, or later where something
//! must have fallen due, and names what is there.

use edge::{Access, Row, Trigger, TypeDoc};
use local::{CLIENT_ID, POOL_ID, REGION, dealing, seed, talk, travels, trusted, underway};
use serde_json::{Map, Value, json};

use crate::{
    images::{Change, Images},
    sample::sample,
    schemas::Schemas,
};

pub(crate) const LISTING: &str = "lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AB";
const SEED_EPOCH: i64 = 1_795_230_000_000;

/// An event file.
pub(crate) struct Sample {
    /// Behind the route's name in the file's: empty, or `.rental`.
    pub(crate) variant: &'static str,
    /// What it shows.
    pub(crate) shows: String,
    pub(crate) event: Value,
}

/// The events of a function.
pub(crate) fn samples(row: &Row, definitions: &Map<String, Value>, images: &Images) -> Vec<Sample> {
    let usual = |event| vec![Sample { variant: "", shows: row.summary.to_owned(), event }];
    match row.trigger {
        Trigger::Http { .. } => particulars(row.name)
            .into_iter()
            .map(|call| Sample {
                variant: call.variant,
                shows: if call.shows.is_empty() { row.summary.to_owned() } else { call.shows.to_owned() },
                event: request(row, call, definitions),
            })
            .collect(),
        Trigger::Schedule(_) => usual(scheduled(row)),
        Trigger::Bucket(prefix) => usual(object(prefix)),
        Trigger::Stream => changes(images),
        Trigger::Pool(trigger) => pool(trigger),
        Trigger::Socket(route) => usual(frame(row, route, definitions)),
        Trigger::Authorizer => usual(opening()),
        Trigger::Call => particulars(row.name)
            .into_iter()
            .map(|call| Sample {
                variant: call.variant,
                shows: if call.shows.is_empty() { row.summary.to_owned() } else { call.shows.to_owned() },
                event: handed_over(row, call, definitions),
            })
            .collect(),
    }
}

/// The call of a function by somebody, as the first of its event files has it.
pub(crate) fn call_by(row: &Row, who: &seed::Person, definitions: &Map<String, Value>) -> Option<Value> {
    let call = particulars(row.name).into_iter().next()?;
    Some(request(row, Call { who: Some(*who), ..call }, definitions))
}

/// What another function hands over: a sample of what the row takes, and the time.
fn handed_over(row: &Row, call: Call, definitions: &Map<String, Value>) -> Value {
    let mut event = row.body.map_or_else(|| json!({}), |body| sampled(body, definitions));
    if call.whole_body {
        event = json!({});
    }
    if let (Some(event), Value::Object(own)) = (event.as_object_mut(), call.body) {
        event.extend(own);
    }
    event["time"] = domain::time::Time::from_ms(SEED_EPOCH + call.later * domain::time::HOUR).to_string().into();
    event
}

/// The clock, some hours after the seed's moment: something has fallen due by then.
fn scheduled(row: &Row) -> Value {
    let time = match row.name {
        "media.sweep" => "2026-11-22T04:00:00Z",
        // Midnight in Korea.
        "errands.expire" => "2026-11-21T15:00:00Z",
        _ => "2026-11-21T08:00:00Z",
    };
    json!({
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": time,
        "region": REGION,
        "resources": [format!("arn:aws:events:{REGION}:000000000000:rule/dev-{}", row.name.replace('.', "-"))],
        "detail": {},
    })
}

/// What a call needs beyond a sample of its route's types to find its place in the seed.
#[derive(Clone, Default)]
struct Call {
    variant: &'static str,
    shows: &'static str,
    /// Members of the body.
    body: Value,
    /// Whether these are all the members.
    whole_body: bool,
    query: Vec<(&'static str, &'static str)>,
    cookie: Option<String>,
    /// Who calls, where it is not the first demo person or the administrator.
    who: Option<seed::Person>,
    /// A token that the route looks at itself.
    bearer: Option<String>,
    provider: Option<&'static str>,
    /// Hours after the seed's moment, in whole days.
    later: i64,
}

/// The calls of a route: one at least.
fn particulars(name: &str) -> Vec<Call> {
    let spare = format!("med_{}", seed::SPARE_PICTURE);
    let (minji, haru) = (&seed::PEOPLE[0], Some(seed::PEOPLE[2]));
    let room = format!("room_{}", talk::TALKED_ABOUT);
    let usual = Call::default();
    let whole = |body: Value| vec![Call { body, whole_body: true, ..Call::default() }];
    let body = |body: Value| vec![Call { body, ..Call::default() }];
    let query = |query: &[(&'static str, &'static str)]| vec![Call { query: query.to_vec(), ..Call::default() }];
    // A refresh token travels in a cookie, or in the body.
    let with_refresh_token = || {
        let cookie = Some(format!("refreshToken={}", underway::REFRESH_TOKEN));
        let body = json!({"refreshToken": underway::REFRESH_TOKEN});
        vec![
            Call { cookie, whole_body: true, shows: "By the cookie of a browser", ..Call::default() },
            Call { variant: ".body", body, shows: "By the body, for clients without cookies", ..Call::default() },
        ]
    };
    match name {
        "accounts.sign_up" => body(json!({"email": "sora@example.com", "nickname": "소라"})),
        "accounts.sign_up_confirm" => body(json!({"email": underway::WAITING.email, "code": underway::SIGN_UP_CODE})),
        "accounts.sign_up_resend" => body(json!({"email": underway::WAITING.email})),
        "accounts.session_create" => body(json!({"email": minji.email, "password": seed::PASSWORD})),
        "accounts.session_exchange" => body(json!({
            "code": underway::CLIENT_CODE, "codeVerifier": underway::VERIFIER, "redirectUri": underway::CLIENT_URL,
        })),
        "accounts.session_refresh" | "accounts.session_end" => with_refresh_token(),
        "accounts.password_reset" => body(json!({
            "email": minji.email, "code": underway::RESET_CODE, "newPassword": "madang-2027!",
        })),
        "accounts.password_change" => body(json!({"currentPassword": seed::PASSWORD, "newPassword": "madang-2027!"})),
        "accounts.me_edit" => body(json!({"version": 1, "phone": "01012345678"})),
        "accounts.me_onboard" => vec![Call { who: Some(underway::NEWCOMER), ..usual }],
        "accounts.identity_link" => body(json!({"accessToken": underway::access_token(&underway::NEWCOMER)})),
        "accounts.identity_unlink" => {
            vec![Call { who: Some(seed::PEOPLE[2]), provider: Some("google"), ..usual }]
        }
        "accounts.naver_userinfo" => vec![Call { bearer: Some(underway::NAVER_TOKEN.to_owned()), ..usual }],
        "accounts.email_availability" => query(&[("email", "sora@example.com")]),
        "accounts.nickname_availability" => query(&[("nickname", "소라")]),
        "accounts.region_at" => query(&[("lat", "37.4979"), ("lng", "127.0276")]),
        "accounts.hosted_start" => query(&[("provider", "kakao"), ("returnTo", underway::CLIENT_URL)]),
        "accounts.hosted_callback" => vec![Call {
            query: vec![("code", underway::CALLBACK_CODE), ("state", underway::CALLBACK_STATE)],
            cookie: Some(format!(
                "hostedSignIn={}.{}.{}.Kakao.first",
                underway::CALLBACK_STATE,
                underway::VERIFIER,
                // `http://localhost:5173/`, where the page is that sent the browser off.
                "aHR0cDovL2xvY2FsaG9zdDo1MTczLw",
            )),
            ..usual
        }],
        "errands.create" => vec![
            Call {
                body: json!({"journey": "shopping", "province": "jeju", "address": "서울 강남구 테헤란로 1"}),
                shows: "Ask for things to be bought and sent",
                ..usual.clone()
            },
            Call {
                variant: ".festival",
                body: json!({"title": "진주 유등축제", "journey": "festival", "province": "gyeongnam"}),
                shows: "Ask for a journey to a festival",
                ..usual
            },
        ],
        "errands.mine" => query(&[("state", "ongoing")]),
        "errands.demand" => vec![
            usual.clone(),
            Call {
                variant: ".province",
                query: vec![("province", "jeju")],
                shows: "How many errands of each kind are open in a province",
                ..usual
            },
        ],
        "errands.feed" => vec![
            Call { who: haru, shows: "What a maker could quote on", ..usual.clone() },
            Call {
                variant: ".designated",
                who: haru,
                query: vec![("designated", "true"), ("sort", "soonest")],
                shows: "What a maker was asked for, the soonest first",
                ..usual.clone()
            },
            Call {
                variant: ".search",
                who: haru,
                query: vec![("q", "ㅇㅁㄱ"), ("journey", "shopping,foodTour")],
                shows: "A search by initial consonants among two kinds of journeys",
                ..usual
            },
        ],
        "errands.quote" => vec![
            Call { who: haru, shows: "Quote on an errand", ..usual.clone() },
            Call {
                variant: ".dry_run",
                who: haru,
                query: vec![("dryRun", "true")],
                shows: "Ask what a quote would be",
                ..usual
            },
        ],
        "errands.designate" => body(json!({"makerId": seed::PEOPLE[1].sub})),
        "errands.decline" | "errands.maker_mine" | "errands.maker_delete" => vec![Call { who: haru, ..usual }],
        "errands.maker_set" => body(json!({
            "version": 0, "gallery": "https://www.instagram.com/madang", "journeys": ["culture"], "provinces": ["seoul"],
        })),
        "errands.makers" => vec![
            Call { query: vec![("province", "jeju")], shows: "Makers of a province", ..usual.clone() },
            Call {
                variant: ".search",
                query: vec![("q", "하루"), ("sort", "confirmed")],
                shows: "A search by nickname",
                ..usual
            },
        ],
        "listings.create" => vec![
            Call {
                body: json!({"pictures": [spare], "title": "텐트"}),
                shows: "Put up a barter with a picture",
                ..usual.clone()
            },
            Call {
                variant: ".rental",
                body: json!({
                    "kind": "rental", "title": "4인용 텐트 빌려드려요", "description": "주말에만. 세척해서 돌려주세요.",
                    "category": "sports", "section": "lend", "price": 10_000, "unit": "day",
                }),
                whole_body: true,
                shows: "Put up something to be lent out",
                ..usual
            },
        ],
        "listings.edit" => body(json!({"version": 1, "title": "자전거 21단"})),
        "listings.relist" => vec![Call {
            body: json!({"deadline": "2026-12-01T09:00:00.000Z"}),
            later: 96,
            shows: "Four days later: put up again a barter whose deadline has passed",
            ..usual
        }],
        "listings.category_create" => body(json!({"id": "tools", "nameKo": "공구", "nameEn": "Tools", "place": 155})),
        "listings.category_edit" => body(json!({"version": 0, "hidden": false})),
        "listings.feed" => vec![
            Call { query: vec![("region", "seoul/gangnam-gu")], shows: "What a district has", ..usual.clone() },
            Call {
                variant: ".search",
                query: vec![("q", "ㅈㅈㄱ"), ("region", "all")],
                shows: "A search by initial consonants",
                ..usual.clone()
            },
            Call {
                variant: ".rental",
                query: vec![("kind", "rental"), ("region", "seoul/gangnam-gu")],
                shows: "Rentals of a district",
                ..usual
            },
        ],
        "media.create" => body(json!({"size": 204_800})),
        "deals.propose" => whole(json!({"start": "2026-11-22T01:00:00Z", "end": "2026-11-23T01:00:00Z"})),
        "deals.act" => whole(json!({"action": "accept"})),
        "deals.settle" => whole(json!({"decision": "refund", "reason": "사진으로는 처음부터 금이 가 있었어요."})),
        "deals.mine" => query(&[("phase", "proposed")]),
        "deals.page" => query(&[("tab", "ongoing")]),
        "wallet.grant" => whole(json!({"coins": 10, "reason": "장터 행사에 참여해 주셨어요."})),
        "trust.manner" => vec![Call { later: 24, ..usual }],
        "trust.reviews" => {
            vec![Call { later: 24, shows: "A day later: a review whose window has ended, counted or not", ..usual }]
        }
        "trust.my_reviews" => vec![Call { who: Some(seed::PEOPLE[1]), ..usual }],
        "trust.review_create" => whole(json!({"stars": 5, "text": "약속 시간을 잘 지키고 책도 깨끗했어요."})),
        "trust.report_create" => whole(json!({
            "subject": {"type": "listing", "id": "lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AE"}, "category": "professional",
        })),
        "trust.report_decide" => vec![
            Call {
                body: json!({"action": "hide", "reason": "판매가 금지된 물품이에요."}),
                whole_body: true,
                shows: "Hide what was reported",
                ..usual.clone()
            },
            Call {
                variant: ".suspend",
                body: json!({"action": "suspend", "days": 7, "reason": "같은 물품을 거듭 올렸어요."}),
                whole_body: true,
                shows: "Suspend whose it is for a week",
                ..usual
            },
        ],
        "trust.suspend" => whole(json!({"days": 7, "reason": "같은 물품을 거듭 올렸어요."})),
        "rooms.send" => whole(json!({"nonce": "V1StGXR8_Z5jdHi6", "text": "내일 볼 수 있어요?"})),
        "rooms.send_live" => whole(json!({"room": room, "nonce": "V1StGXR8_Z5jdHi6", "text": "내일 볼 수 있어요?"})),
        "rooms.edit" => whole(json!({"version": 1, "text": "안녕하세요! 무엇이든 물어보세요."})),
        "rooms.edit_live" => whole(json!({
            "room": room, "seq": talk::FIRST_WORDS, "version": 1, "text": "안녕하세요! 무엇이든 물어보세요.",
        })),
        "rooms.delete_live" => whole(json!({"room": room, "seq": talk::FIRST_WORDS})),
        "rooms.react_live" => whole(json!({"room": room, "seq": talk::FIRST_WORDS, "reaction": "heart", "on": true})),
        "rooms.read" => whole(json!({"seq": talk::WITH_PICTURE})),
        "rooms.read_live" => whole(json!({"room": room, "seq": talk::WITH_PICTURE})),
        "rooms.open_live" | "rooms.close_live" | "rooms.typing_live" => whole(json!({"room": room})),
        "rooms.messages" => query(&[("after", "2")]),
        "rooms.deliver" => whole(json!({
            "room": room, "shard": 3, "weight": "lasting", "except": null,
            "frame": {"type": "typing", "room": room, "account": minji.sub},
        })),
        "notifications.mail" => whole(json!({
            "account": minji.sub, "notification": seed::NOTIFICATION, "began": "2026-11-21T03:00:00Z",
        })),
        "realtime.ping" => whole(json!({"active": true})),
        "realtime.presence_choose" | "realtime.presence_choose_live" => whole(json!({"choice": "away"})),
        _ => vec![usual],
    }
}

fn request(row: &Row, call: Call, definitions: &Map<String, Value>) -> Value {
    let Trigger::Http { method, path: template } = row.trigger else { return Value::Null };
    let (method, query) = (method.word(), &call.query);
    let mut parameters = Map::new();
    let mut path = template.to_owned();
    for part in template.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        let value = match part {
            "listingId" if row.name == "listings.bookmark_clear" => format!("lst_{}", underway::BOOKMARKED),
            "listingId" if row.name == "rooms.join" => format!("lst_{}", talk::JOINED),
            "listingId" if row.name == "rooms.inquire" => format!("lst_{}", underway::BOOKMARKED),
            "listingId" if matches!(row.name, "deals.propose" | "deals.calendar" | "deals.calendar_ical") => {
                format!("lst_{}", dealing::LENT)
            }
            "listingId" => LISTING.to_owned(),
            // One that nobody has quoted on, and that asks nobody.
            "errandId" if matches!(row.name, "errands.delete" | "errands.designate") => travels::LONELY.to_owned(),
            "errandId" => travels::ERRAND.to_owned(),
            "accountId" if row.name == "errands.maker_show" => seed::PEOPLE[1].sub.to_owned(),
            // Whoever leaves is not the host.
            "roomId" if row.name == "rooms.leave" => format!("room_{}", talk::JOINED),
            "roomId" => format!("room_{}", talk::TALKED_ABOUT),
            "seq" if row.name == "media.of_message" => talk::WITH_PICTURE.to_string(),
            "seq" => talk::FIRST_WORDS.to_string(),
            "reaction" => "heart".to_owned(),
            "accountId" if matches!(row.name, "trust.follow_set" | "trust.suspend" | "trust.unsuspend") => {
                seed::PEOPLE[1].sub.to_owned()
            }
            "accountId" if row.name == "trust.follow_clear" => seed::PEOPLE[2].sub.to_owned(),
            "dealId" if row.name == "deals.settle" => dealing::DISPUTED.to_owned(),
            "dealId" if row.name.starts_with("deals.") => dealing::OFFERED.to_owned(),
            "dealId" if row.name == "trust.review_create" => trusted::ENDED.to_owned(),
            "dealId" => trusted::REVIEWED.to_owned(),
            "reportId" => trusted::REPORT.to_owned(),
            "accountId" if row.name == "rooms.kick" => seed::PEOPLE[2].sub.to_owned(),
            "accountId" if row.name == "rooms.direct" => seed::PEOPLE[1].sub.to_owned(),
            "mediaId" => format!("med_{}", seed::SPARE_PICTURE),
            "categoryId" => "plants".to_owned(),
            "notificationId" => seed::NOTIFICATION.to_owned(),
            "provider" => call.provider.unwrap_or("kakao").to_owned(),
            // Somebody else than the caller, who owns the listing.
            "accountId" if row.name == "listings.ban" => seed::PEOPLE[1].sub.to_owned(),
            _ => seed::PEOPLE[0].sub.to_owned(),
        };
        path = path.replace(&format!("{{{part}}}"), &value);
        parameters.insert(part.to_owned(), value.into());
    }
    let encoded = |text: &str| {
        text.bytes().fold(String::new(), |all, b| match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                format!("{all}{}", char::from(b))
            }
            _ => format!("{all}%{b:02X}"),
        })
    };
    let raw_query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let body = row.body.filter(|_| !(call.whole_body && call.body.is_null())).map(|body| {
        let mut sampled = if call.whole_body { json!({}) } else { sampled(body, definitions) };
        if let (Some(sampled), Some(own)) = (sampled.as_object_mut(), call.body.as_object()) {
            sampled.extend(own.clone());
        }
        sampled.to_string()
    });
    let mut headers = json!({
        "accept": "application/json",
        "accept-language": "ko",
    });
    let member = matches!(row.access, Access::Member | Access::Admin);
    let who = call.who.unwrap_or(if row.access == Access::Admin { seed::PEOPLE[3] } else { seed::PEOPLE[0] });
    if let Some(token) = call.bearer.or_else(|| member.then(|| underway::access_token(&who))) {
        headers["authorization"] = format!("Bearer {token}").into();
    }
    if let Some(body) = &body {
        headers["content-length"] = body.len().to_string().into();
        headers["content-type"] = "application/json".into();
    }
    for (name, value) in [
        ("host", "api.madang.example"),
        ("user-agent", "event-file"),
        ("x-amzn-trace-id", "Root=1-6b00f170-0123456789abcdef01234567"),
        ("x-forwarded-for", "203.0.113.7"),
        ("x-forwarded-port", "443"),
        ("x-forwarded-proto", "https"),
    ] {
        headers[name] = value.into();
    }
    let route_key = format!("{method} {template}");
    let day = 21 + call.later / 24;
    let mut context = json!({"accountId": "000000000000", "apiId": "a1b2c3d4e5"});
    if member {
        context["authorizer"] = json!({"jwt": {"claims": as_texts(&underway::claims(&who)), "scopes": null}});
    }
    for (name, value) in [
        ("domainName", json!("api.madang.example")),
        ("domainPrefix", json!("api")),
        (
            "http",
            json!({
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "event-file",
            }),
        ),
        ("requestId", json!("JKJaXmPLvHcESHA=")),
        ("routeKey", json!(route_key)),
        ("stage", json!("$default")),
        ("time", json!(format!("{day}/Nov/2026:03:00:00 +0000"))),
        ("timeEpoch", json!(SEED_EPOCH + call.later * domain::time::HOUR)),
    ] {
        context[name] = value;
    }
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": raw_query.join("&"),
    });
    if let Some(cookie) = call.cookie {
        event["cookies"] = json!([cookie]);
    }
    event["headers"] = headers;
    if !query.is_empty() {
        let pairs = query.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
        event["queryStringParameters"] = Value::Object(pairs.collect());
    }
    event["requestContext"] = context;
    if !parameters.is_empty() {
        event["pathParameters"] = Value::Object(parameters);
    }
    if let Some(body) = body {
        event["body"] = body.into();
    }
    event["isBase64Encoded"] = false.into();
    event
}

/// A sample of a type.
fn sampled(of: TypeDoc, definitions: &Map<String, Value>) -> Value {
    let mut schemas = Schemas::openapi();
    let schema = schemas.asked(of);
    let mut known = definitions.clone();
    known.extend(schemas.definitions());
    sample(&schema, &known)
}

/// Claims as the gateway's authorizer hands them on: all of them texts, lists in brackets.
fn as_texts(claims: &Value) -> Value {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => format!("[{}]", all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")),
        other => other.to_string(),
    };
    let members = claims.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.clone(), Value::from(text(value)))).collect::<Map<_, _>>().into()
}

fn object(prefix: &str) -> Value {
    json!({"Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": "2026-11-21T03:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:AROAEXAMPLE"},
        "requestParameters": {"sourceIPAddress": "203.0.113.7"},
        "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "uploads",
            "bucket": {
                "name": "madang-local-media",
                "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                "arn": "arn:aws:s3:::madang-local-media",
            },
            "object": {
                "key": format!("{prefix}med_{}", underway::WAITING_PICTURE),
                "size": 12_345,
                "eTag": "5d41402abc4b2a76b9719d911017c592",
                "sequencer": "0A1B2C3D4E5F678901",
            },
        },
    }]})
}

fn changes(images: &Images) -> Vec<Sample> {
    let kinds = [
        ("", "A listing was put up: its entries in feeds and searches are made", &images.listed),
        (".account_withdrawn", "Somebody left: what was theirs goes", &images.withdrawn),
        (".listing_expired", "A deadline passed: entries follow, the owner is told", &images.expired),
        (".listing_removed", "A listing is gone, and with it entries, bookmarks, pictures", &images.removed),
        (".media_removed", "An upload is gone, and with it its files", &images.discarded),
        (".member_joined", "Somebody came into a room: they and it are told", &images.joined),
        (".message_written", "A message: its room is kept up, its members are alerted", &images.written),
    ];
    let numbered = kinds.into_iter().zip(1_u8..);
    let sample = |((variant, shows, change), number)| Sample {
        variant,
        shows: String::from(shows),
        event: record(change, number),
    };
    numbered.map(sample).collect()
}

fn record(change: &Change, number: u8) -> Value {
    let image = change.after.as_ref().or(change.before.as_ref()).cloned().unwrap_or_default();
    let mut record = json!({
        "ApproximateCreationDateTime": change.at.seconds(),
        "Keys": {"pk": image["pk"], "sk": image["sk"]},
    });
    for (name, image) in [("NewImage", &change.after), ("OldImage", &change.before)] {
        if let Some(image) = image {
            record[name] = image.clone();
        }
    }
    record["SequenceNumber"] = format!("44215845000000000174504390{number:02}").into();
    let images = [&change.before, &change.after].into_iter().flatten();
    record["SizeBytes"] = images.chain([&record["Keys"]]).map(size).sum::<usize>().into();
    record["StreamViewType"] = "NEW_AND_OLD_IMAGES".into();
    let name = match (&change.before, &change.after) {
        (None, _) => "INSERT",
        (_, Some(_)) => "MODIFY",
        (_, None) => "REMOVE",
    };
    json!({"Records": [{
        "eventID": format!("7de3041dd709b024af6f29e4fa13d3{number:02x}"),
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": record,
        "eventSourceARN": format!("arn:aws:dynamodb:{REGION}:000000000000:table/madang-local/stream/2026-11-21T00:00:00.000"),
    }]})
}

/// About what DynamoDB counts: names and values.
fn size(image: &Value) -> usize {
    match image {
        Value::Object(all) => all.iter().map(|(name, value)| name.len() + size(value)).sum(),
        Value::Array(all) => all.iter().map(size).sum(),
        Value::String(text) => text.len(),
        _ => 1,
    }
}

/// What every event of the WebSocket API says of its connection.
fn connection(route: &str, kind: &str) -> Value {
    json!({
        "routeKey": route,
        "eventType": kind,
        "extendedRequestId": "JKJaXGfvPHcEShw=",
        "requestTime": "21/Nov/2026:03:00:00 +0000",
        "messageDirection": "IN",
        "stage": "live",
        // `$connect` is handled as the connection is made.
        "connectedAt": if kind == "CONNECT" { SEED_EPOCH } else { SEED_EPOCH - 60_000 },
        "requestTimeEpoch": SEED_EPOCH,
        "identity": {"sourceIp": "203.0.113.7", "userAgent": "event-file"},
        "requestId": "JKJaXGfvPHcEShw=",
        "domainName": "socket.madang.example",
        "connectionId": talk::CONNECTION,
        "apiId": "f6g7h8i9j0",
    })
}

/// A route of the WebSocket API, after somebody's connection was authorised.
fn frame(row: &Row, route: &str, definitions: &Map<String, Value>) -> Value {
    let context = |kind: &str| {
        let mut context = connection(route, kind);
        let person = seed::PEOPLE[0];
        context["authorizer"] = json!({
            "principalId": person.sub,
            "sub": person.sub,
            "username": person.sub,
            "groups": "",
            "region": person.region,
            "tier": "free",
            "expires": "1795232600",
            "lang": "ko",
            "integrationLatency": 3,
        });
        context
    };
    match route {
        "$connect" => {
            let mut event = upgrade();
            event["requestContext"] = context("CONNECT");
            event["isBase64Encoded"] = false.into();
            event
        }
        "$disconnect" => {
            let mut context = context("DISCONNECT");
            context["disconnectStatusCode"] = 1005.into();
            context["disconnectReason"] = "Client-side close frame status not set".into();
            json!({
                "headers": {"Host": "socket.madang.example", "X-Forwarded-For": "203.0.113.7"},
                "multiValueHeaders": {"Host": ["socket.madang.example"], "X-Forwarded-For": ["203.0.113.7"]},
                "requestContext": context,
                "isBase64Encoded": false,
            })
        }
        _ => {
            let mut context = context("MESSAGE");
            context["messageId"] = "JKJaXfXyPHcCFxA=".into();
            let body = sent(row, route, definitions);
            json!({"requestContext": context, "body": body.to_string(), "isBase64Encoded": false})
        }
    }
}

/// The frame that somebody sends to an action.
pub(crate) fn sent(row: &Row, route: &str, definitions: &Map<String, Value>) -> Value {
    let mut body = json!({"action": if route == "$default" { "dance" } else { route }, "ref": "c1"});
    let own = particulars(row.name).into_iter().next().unwrap_or_default();
    let sampled_body = row.body.filter(|_| !own.whole_body).map(|body| sampled(body, definitions));
    for fields in [sampled_body, Some(own.body)] {
        if let (Some(body), Some(Value::Object(fields))) = (body.as_object_mut(), fields) {
            body.extend(fields);
        }
    }
    body
}

/// The request that asks for an upgrade. Its token is nobody's.
fn upgrade() -> Value {
    let headers = [
        ("Accept-Language", "ko"),
        ("Connection", "Upgrade"),
        ("Host", "socket.madang.example"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Protocol", "madang.v1, token"),
        ("Sec-WebSocket-Version", "13"),
        ("Upgrade", "websocket"),
        ("X-Amzn-Trace-Id", "Root=1-6b0122b0-1a2b3c4d5e6f7a8b9c0d1e2f"),
        ("X-Forwarded-For", "203.0.113.7"),
        ("X-Forwarded-Port", "443"),
        ("X-Forwarded-Proto", "https"),
    ];
    let one = headers.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
    let many = headers.iter().map(|(name, value)| ((*name).to_owned(), json!([value])));
    json!({"headers": Value::Object(one.collect()), "multiValueHeaders": Value::Object(many.collect())})
}

/// Somebody wants to open a connection.
fn opening() -> Value {
    let mut event = upgrade();
    event["type"] = "REQUEST".into();
    event["methodArn"] = format!("arn:aws:execute-api:{REGION}:000000000000:f6g7h8i9j0/live/$connect").into();
    event["stageVariables"] = json!({});
    event["requestContext"] = connection("$connect", "CONNECT");
    event
}

fn pool(trigger: &str) -> Vec<Sample> {
    let (minji, haru, waiting, newcomer) =
        (&seed::PEOPLE[0], &seed::PEOPLE[2], &underway::WAITING, &underway::NEWCOMER);
    let terms = domain::account::TERMS_VERSION;
    let by_email = |person: &seed::Person, status: &str, verified: bool| {
        json!({
            "sub": person.sub, "email": person.email, "email_verified": verified.to_string(),
            "nickname": person.nickname, "custom:terms": terms, "cognito:user_status": status,
        })
    };
    let by_kakao = json!({
        "sub": newcomer.sub, "name": newcomer.nickname, "nickname": newcomer.nickname,
        "cognito:user_status": "EXTERNAL_PROVIDER",
        "identities": json!([{
            "userId": underway::NEWCOMER_USERNAME.trim_start_matches("Kakao_"), "providerName": "Kakao",
            "providerType": "OIDC", "issuer": null, "primary": true, "dateCreated": SEED_EPOCH,
        }]).to_string(),
    });
    let fresh = json!({"autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false});
    let arriving = |variant, shows: &str, username: &str, attributes: Value| {
        let request = json!({"userAttributes": attributes, "validationData": {}});
        triggered(variant, shows, "PreSignUp_ExternalProvider", username, request, fresh.clone())
    };
    let mail = |variant, shows: &str, source: &str, person: &seed::Person, attributes: Value| {
        let request = json!({
            "userAttributes": attributes, "codeParameter": "{####}", "linkParameter": "{##Click Here##}",
            "usernameParameter": null,
        });
        let response = json!({"smsMessage": null, "emailMessage": null, "emailSubject": null});
        triggered(variant, shows, source, person.sub, request, response)
    };
    let tokens = |variant, shows: &str, source: &str, username: &str, attributes: &Value, scopes: &[&str]| {
        let groups = if username == underway::NEWCOMER_USERNAME { newcomer.groups } else { &[] };
        let request = json!({
            "userAttributes": attributes,
            "groupConfiguration": {"groupsToOverride": groups, "iamRolesToOverride": [], "preferredRole": null},
            "scopes": scopes,
        });
        triggered(variant, shows, source, username, request, json!({"claimsAndScopeOverrideDetails": null}))
    };
    let own = ["aws.cognito.signin.user.admin"];
    let oauth = ["openid", "email", "profile", "aws.cognito.signin.user.admin"];
    let known = by_email(minji, "CONFIRMED", true);
    match trigger {
        "pre_sign_up" => vec![
            triggered(
                "",
                "Somebody signs up by e-mail",
                "PreSignUp_SignUp",
                SORA,
                json!({
                    "userAttributes": {"email": "sora@example.com", "nickname": "소라", "custom:terms": terms},
                    "validationData": null,
                }),
                fresh.clone(),
            ),
            arriving(
                ".google",
                "Somebody comes by Google for the first time, with an address nobody has here",
                "Google_110000000000000000077",
                json!({
                    "email": "yuna@example.com", "email_verified": "true", "name": "최유나", "nickname": "최유나",
                    "cognito:email_alias": "", "cognito:phone_number_alias": "",
                }),
            ),
            arriving(
                ".kakao",
                "Somebody comes by Kakao for the first time: no address to link by",
                "Kakao_3000000077",
                json!({"name": "유나", "nickname": "유나", "cognito:email_alias": "", "cognito:phone_number_alias": ""}),
            ),
        ],
        "custom_message" => {
            let unconfirmed = by_email(waiting, "UNCONFIRMED", false);
            vec![
                mail("", "The code of a sign-up", "CustomMessage_SignUp", waiting, unconfirmed.clone()),
                mail(".resend", "Another code of a sign-up", "CustomMessage_ResendCode", waiting, unconfirmed),
                mail(
                    ".forgot_password",
                    "The code that sets a new password",
                    "CustomMessage_ForgotPassword",
                    minji,
                    known.clone(),
                ),
                mail(
                    ".update_email",
                    "The code that proves a new address",
                    "CustomMessage_UpdateUserAttribute",
                    minji,
                    known.clone(),
                ),
                mail(
                    ".verify_email",
                    "The code that proves an address, asked for once more",
                    "CustomMessage_VerifyUserAttribute",
                    minji,
                    known,
                ),
            ]
        }
        "post_confirmation" => vec![
            triggered(
                "",
                "Somebody confirmed their address: their account is made",
                "PostConfirmation_ConfirmSignUp",
                waiting.sub,
                json!({"userAttributes": by_email(waiting, "CONFIRMED", true)}),
                json!({}),
            ),
            triggered(
                ".forgot_password",
                "Somebody set a new password: nothing is to be done",
                "PostConfirmation_ConfirmForgotPassword",
                minji.sub,
                json!({"userAttributes": known}),
                json!({}),
            ),
            triggered(
                ".kakao",
                "Somebody came by Kakao: an account that is still to be finished",
                "PostConfirmation_ConfirmSignUp",
                "Kakao_3000000077",
                json!({"userAttributes": {
                    "sub": SORA, "name": "유나", "nickname": "유나", "cognito:user_status": "EXTERNAL_PROVIDER",
                }}),
                json!({}),
            ),
        ],
        _ => vec![
            tokens("", "A sign-in by password", "TokenGeneration_Authentication", minji.sub, &known, &own),
            tokens(
                ".hosted",
                "A sign-in on the hosted page, by Kakao",
                "TokenGeneration_HostedAuth",
                underway::NEWCOMER_USERNAME,
                &by_kakao,
                &oauth,
            ),
            tokens(
                ".refresh",
                "New tokens for a refresh token",
                "TokenGeneration_RefreshTokens",
                haru.sub,
                &by_email(haru, "CONFIRMED", true),
                &own,
            ),
        ],
    }
}

/// An event of the user pool.
fn triggered(
    variant: &'static str,
    shows: &str,
    source: &str,
    username: &str,
    request: Value,
    response: Value,
) -> Sample {
    let event = json!({
        "version": if source.starts_with("TokenGeneration") { "2" } else { "1" },
        "triggerSource": source,
        "region": REGION,
        "userPoolId": POOL_ID,
        "userName": username,
        "callerContext": {"awsSdkVersion": "aws-sdk-rust-1.144.0", "clientId": CLIENT_ID},
        "request": request,
        "response": response,
    });
    Sample { variant, shows: shows.to_owned(), event }
}

/// Somebody who is just signing up.
const SORA: &str = "50ca0000-0000-4000-8000-000000000007";
