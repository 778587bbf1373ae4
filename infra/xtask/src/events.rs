//! `events/<context>/<route>.json`: for each function an event as AWS sends it. It happens at the seed's moment and names
//! what the seed holds.

use edge::{Access, Row, Trigger};
use local::{CLIENT_ID, POOL_ID, REGION, seed};
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::sample::sample;

const LISTING: &str = "lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AB";
const SEED_EPOCH: i64 = 1_795_230_000_000;

pub(crate) fn event(row: &Row, definitions: &Map<String, Value>) -> Value {
    match row.trigger {
        Trigger::Http { method, path } => request(row, method.word(), path, definitions),
        Trigger::Schedule(_) => json!({
            "version": "0",
            "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": "000000000000",
            "time": "2026-11-21T03:00:00Z",
            "region": REGION,
            "resources": [format!("arn:aws:events:{REGION}:000000000000:rule/dev-{}", row.name.replace('.', "-"))],
            "detail": {},
        }),
        Trigger::Bucket(prefix) => object(prefix),
        Trigger::Stream => stream(),
        Trigger::Pool(trigger) => pool(trigger),
        Trigger::Socket(route) => frame(route),
        Trigger::Authorizer => opening(),
    }
}

/// What a route needs beyond a sample of its types to find its place in the seed.
fn particulars(name: &str) -> (Value, Vec<(&'static str, &'static str)>) {
    let spare = format!("med_{}", seed::SPARE_PICTURE);
    let body = match name {
        "accounts.sign_up" => json!({"email": "sora@example.com", "nickname": "소라"}),
        "accounts.sign_up_resend" => json!({"email": "sora@example.com"}),
        "accounts.session_create" => json!({"email": seed::PEOPLE[0].email, "password": seed::PASSWORD}),
        "accounts.me_edit" => json!({"version": 1, "phone": "01012345678"}),
        "listings.create" => json!({"pictures": [spare], "title": "텐트"}),
        "listings.edit" => json!({"version": 1, "title": "자전거 21단"}),
        "listings.category_create" => json!({"id": "tools", "nameKo": "공구", "nameEn": "Tools", "place": 155}),
        "listings.category_edit" => json!({"version": 0, "hidden": false}),
        "media.create" => json!({"size": 204_800}),
        _ => Value::Null,
    };
    let query: Vec<(&str, &str)> = match name {
        "accounts.email_availability" => vec![("email", "sora@example.com")],
        "accounts.nickname_availability" => vec![("nickname", "소라")],
        "accounts.region_at" => vec![("lat", "37.4979"), ("lng", "127.0276")],
        "accounts.hosted_start" => vec![("provider", "kakao"), ("returnTo", "http://localhost:5173/")],
        "listings.feed" => vec![("region", "seoul/gangnam-gu")],
        _ => vec![],
    };
    (body, query)
}

fn request(row: &Row, method: &str, template: &str, definitions: &Map<String, Value>) -> Value {
    let (own, query) = particulars(row.name);
    let mut parameters = Map::new();
    let mut path = template.to_owned();
    for part in template.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        let value = match part {
            "listingId" => LISTING.to_owned(),
            "mediaId" => format!("med_{}", seed::SPARE_PICTURE),
            "categoryId" => "plants".to_owned(),
            "provider" => "kakao".to_owned(),
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
    let mut headers = json!({
        "accept": "application/json",
        "accept-language": "ko",
        "host": "api.madang.example",
        "user-agent": "event-file",
        "x-forwarded-for": "203.0.113.7",
        "x-forwarded-proto": "https",
    });
    if row.body.is_some() {
        headers["content-type"] = "application/json".into();
    }
    let route_key = format!("{method} {template}");
    let mut context = json!({
        "accountId": "000000000000",
        "apiId": "a1b2c3d4e5",
        "domainName": "api.madang.example",
        "domainPrefix": "api",
        "http": {
            "method": method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": "203.0.113.7",
            "userAgent": "event-file",
        },
        "requestId": "JKJaXmPLvHcESHA=",
        "routeKey": route_key,
        "stage": "$default",
        "time": "21/Nov/2026:03:00:00 +0000",
        "timeEpoch": SEED_EPOCH,
    });
    if matches!(row.access, Access::Member | Access::Admin) {
        headers["authorization"] = "Bearer checked-by-the-authorizer".into();
        context["authorizer"] = json!({"jwt": {"claims": claims(row.access == Access::Admin), "scopes": null}});
    }
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": raw_query.join("&"),
        "headers": headers,
        "requestContext": context,
        "isBase64Encoded": false,
    });
    if !query.is_empty() {
        let pairs = query.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
        event["queryStringParameters"] = Value::Object(pairs.collect());
    }
    if !parameters.is_empty() {
        event["pathParameters"] = Value::Object(parameters);
    }
    if let Some(body) = row.body {
        let settings = SchemaSettings::draft2020_12().with(|s| s.definitions_path = "/components/schemas".into());
        let mut generator = SchemaGenerator::new(settings);
        let schema = body(&mut generator).to_value();
        let mut known = definitions.clone();
        known.extend(generator.take_definitions(true));
        let mut body = sample(&schema, &known);
        if let (Some(body), Some(own)) = (body.as_object_mut(), own.as_object()) {
            body.extend(own.clone());
        }
        event["body"] = body.to_string().into();
    }
    event
}

fn claims(admin: bool) -> Value {
    let person = if admin { seed::PEOPLE[3] } else { seed::PEOPLE[0] };
    let mut claims = json!({
        "sub": person.sub,
        "iss": format!("https://cognito-idp.{REGION}.amazonaws.com/{POOL_ID}"),
        "client_id": CLIENT_ID,
        "token_use": "access",
        "scope": "aws.cognito.signin.user.admin",
        "username": person.sub,
        "auth_time": "1795229000",
        "iat": "1795229000",
        "exp": "1795232600",
        "tier": "free",
        "onboarded": "true",
        "region": person.region,
    });
    if admin {
        claims["cognito:groups"] = "[admin]".into();
    }
    claims
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
                "key": format!("{prefix}med_{}", seed::SPARE_PICTURE),
                "size": 204_800,
                "eTag": "d41d8cd98f00b204e9800998ecf8427e",
                "sequencer": "0A1B2C3D4E5F678901",
            },
        },
    }]})
}

fn stream() -> Value {
    let key = json!({"pk": {"S": format!("ACCOUNT#{}", seed::PEOPLE[0].sub)}, "sk": {"S": "BOOKMARK#lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AE"}});
    let mut image = key.clone();
    image["kind"] = json!({"S": "bookmark"});
    json!({"Records": [{
        "eventID": "7de3041dd709b024af6f29e4fa13d34c",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {
            "ApproximateCreationDateTime": 1_795_230_000,
            "Keys": key,
            "NewImage": image,
            "SequenceNumber": "4421584500000000017450439091",
            "SizeBytes": 26,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": format!("arn:aws:dynamodb:{REGION}:000000000000:table/madang-local/stream/2026-11-21T00:00:00.000"),
    }]})
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
        "connectedAt": SEED_EPOCH - 60_000,
        "requestTimeEpoch": SEED_EPOCH,
        "identity": {"sourceIp": "203.0.113.7", "userAgent": "event-file"},
        "requestId": "JKJaXGfvPHcEShw=",
        "domainName": "socket.madang.example",
        "connectionId": "JKJaWcQKPHcCFxA=",
        "apiId": "f6g7h8i9j0",
    })
}

/// A route of the WebSocket API.
fn frame(route: &str) -> Value {
    let context = |kind: &str| {
        let mut context = connection(route, kind);
        let person = seed::PEOPLE[0];
        context["authorizer"] = json!({
            "principalId": person.sub, "username": person.sub, "groups": "", "region": person.region, "tier": "free",
            "expires": "1795232600", "integrationLatency": 3,
        });
        context
    };
    match route {
        "$connect" => json!({
            "headers": {"Host": "socket.madang.example", "Sec-WebSocket-Protocol": "madang.v1, token"},
            "multiValueHeaders": {"Host": ["socket.madang.example"], "Sec-WebSocket-Protocol": ["madang.v1, token"]},
            "requestContext": context("CONNECT"),
            "isBase64Encoded": false,
        }),
        "$disconnect" => {
            let mut context = context("DISCONNECT");
            context["disconnectStatusCode"] = 1001.into();
            context["disconnectReason"] = "Going away".into();
            json!({
                "headers": {"Host": "socket.madang.example"},
                "multiValueHeaders": {"Host": ["socket.madang.example"]},
                "requestContext": context,
                "isBase64Encoded": false,
            })
        }
        _ => {
            let mut context = context("MESSAGE");
            context["messageId"] = "JKJaXfXyPHcCFxA=".into();
            let action = if route == "$default" { "dance" } else { route };
            json!({
                "requestContext": context,
                "body": json!({"action": action, "ref": "c1"}).to_string(),
                "isBase64Encoded": false,
            })
        }
    }
}

/// Somebody wants to open a connection.
fn opening() -> Value {
    json!({
        "type": "REQUEST",
        "methodArn": format!("arn:aws:execute-api:{REGION}:000000000000:f6g7h8i9j0/live/$connect"),
        "headers": {"Host": "socket.madang.example", "Sec-WebSocket-Protocol": "madang.v1, token"},
        "multiValueHeaders": {"Host": ["socket.madang.example"], "Sec-WebSocket-Protocol": ["madang.v1, token"]},
        "queryStringParameters": {},
        "multiValueQueryStringParameters": {},
        "stageVariables": {},
        "requestContext": connection("$connect", "CONNECT"),
    })
}

fn pool(trigger: &str) -> Value {
    let (source, request, response) = match trigger {
        "pre_sign_up" => (
            "PreSignUp_SignUp",
            json!({
                "userAttributes": {"email": "sora@example.com", "nickname": "소라", "custom:terms": "2026-11"},
                "validationData": null,
            }),
            json!({"autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false}),
        ),
        "custom_message" => (
            "CustomMessage_SignUp",
            json!({
                "userAttributes": {"sub": SORA, "email": "sora@example.com", "nickname": "소라"},
                "codeParameter": "{####}", "usernameParameter": null, "linkParameter": "{##Click Here##}",
                "clientMetadata": {"terms": "2026-11"},
            }),
            json!({"smsMessage": null, "emailMessage": null, "emailSubject": null}),
        ),
        "post_confirmation" => (
            "PostConfirmation_ConfirmSignUp",
            json!({
                "userAttributes": {
                    "sub": SORA, "email": "sora@example.com", "email_verified": "true", "nickname": "소라",
                    "cognito:user_status": "CONFIRMED",
                },
                "clientMetadata": {"terms": "2026-11"},
            }),
            json!({}),
        ),
        _ => (
            "TokenGeneration_Authentication",
            json!({
                "userAttributes": {
                    "sub": seed::PEOPLE[0].sub, "email": seed::PEOPLE[0].email, "email_verified": "true",
                    "nickname": seed::PEOPLE[0].nickname, "cognito:user_status": "CONFIRMED",
                },
                "groupConfiguration": {"groupsToOverride": [], "iamRolesToOverride": [], "preferredRole": null},
                "scopes": ["aws.cognito.signin.user.admin"],
            }),
            json!({"claimsAndScopeOverrideDetails": null}),
        ),
    };
    let version = if source.starts_with("TokenGeneration") { "2" } else { "1" };
    let username = if source.starts_with("TokenGeneration") { seed::PEOPLE[0].sub } else { SORA };
    json!({
        "version": version,
        "triggerSource": source,
        "region": REGION,
        "userPoolId": POOL_ID,
        "userName": username,
        "callerContext": {"awsSdkVersion": "aws-sdk-rust-1.144.0", "clientId": CLIENT_ID},
        "request": request,
        "response": response,
    })
}

/// Somebody who is just signing up.
const SORA: &str = "50ca0000-0000-4000-8000-000000000007";
