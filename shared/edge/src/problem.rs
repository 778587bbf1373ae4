//! Problem documents (RFC 9457): one table of codes, each with its status and its title in Korean and English.

use domain::{account::Gate, input::Invalid, lang::Lang, listing::Refused};
use serde_json::{Map, Value, json};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:literal $slug:literal $ko:literal $en:literal;)*) => {
        /// What can be wrong, by a name that stays the same.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The HTTP status it is answered with.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// The name on the wire.
            #[must_use]
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$name => $slug,)* }
            }

            /// The title for a person.
            #[must_use]
            pub const fn title(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Self::$name, Lang::Ko) => $ko, (Self::$name, Lang::En) => $en,)*
                }
            }
        }
    };
}

codes! {
    /// The body is not JSON in UTF-8.
    Malformed = 400 "malformed_json" "요청 본문을 읽을 수 없습니다." "The body is not well-formed JSON in UTF-8.";
    /// Fields are missing, unknown, or of another type.
    MalformedFields = 400 "malformed_fields" "요청의 형식이 맞지 않습니다." "The request has fields of the wrong shape.";
    /// The frame is not a JSON object.
    MalformedFrame = 400 "malformed_frame" "JSON 객체가 아닌 메시지입니다." "A frame has to be a JSON object.";
    /// No frame has this action; `action` says which.
    UnknownAction = 400 "unknown_action" "알 수 없는 동작입니다." "There is no such action.";
    /// The cursor was not given out for this list.
    BadCursor = 400 "bad_cursor" "이 목록의 커서가 아닙니다." "The cursor does not belong to this list.";
    /// The `Idempotency-Key` is empty or too long.
    BadKey = 400 "bad_idempotency_key" "Idempotency-Key는 1~255자의 ASCII여야 합니다." "The Idempotency-Key must be 1 to 255 visible ASCII characters.";
    /// The sign-in at the provider did not work out.
    SignInFailed = 400 "sign_in_failed" "로그인을 마치지 못했습니다. 처음부터 다시 시도해 주세요." "The sign-in could not be completed; start again.";
    /// No token.
    NotSignedIn = 401 "not_signed_in" "로그인이 필요합니다." "Sign in first.";
    /// A token that is not good (any more).
    BadToken = 401 "bad_token" "로그인이 만료되었거나 올바르지 않습니다." "The token is expired or not valid here.";
    /// The token that the connection was opened with has run out.
    TokenExpired = 401 "token_expired" "로그인이 만료되었습니다. 새 토큰으로 다시 연결해 주세요." "The token has expired; connect again with a new one.";
    /// An ID token where an access token is due.
    NotAnAccessToken = 401 "not_an_access_token" "액세스 토큰이 필요합니다." "An access token is needed.";
    /// The address or the password is wrong; it is not said which.
    WrongCredentials = 401 "wrong_credentials" "이메일 또는 비밀번호가 맞지 않습니다." "The e-mail address or the password is wrong.";
    /// The caller may not do this.
    AdminOnly = 403 "admin_only" "관리자만 할 수 있습니다." "Administrators only.";
    /// It is somebody else's.
    NotOwner = 403 "not_owner" "올린 사람만 할 수 있습니다." "Only its owner may do this.";
    /// The address has not been confirmed; `email` says which.
    EmailUnconfirmed = 403 "email_unconfirmed" "이메일 인증을 먼저 마쳐 주세요." "Confirm the e-mail address first.";
    /// Signing up is not finished.
    OnboardingNeeded = 403 "onboarding_needed" "닉네임과 약관 동의를 먼저 마쳐 주세요." "Finish signing up first.";
    /// No home district is stored.
    RegionNeeded = 403 "region_needed" "서비스를 이용하려면 동네를 먼저 등록해 주세요." "Store your home district first.";
    /// The account is suspended; `until` says until when, `reason` why.
    Suspended = 403 "suspended" "이용이 정지된 계정입니다." "This account is suspended.";
    /// Banned from this listing.
    Banned = 403 "banned" "이 물품에서 강퇴되어 들어갈 수 없습니다." "You are banned from this listing.";
    /// No maker profile.
    NotMaker = 403 "not_maker" "메이커 프로필을 먼저 만들어 주세요." "Make a maker profile first.";
    /// The errand is where the maker makes no journeys.
    OutsideProvinces = 403 "outside_provinces" "메이커의 활동 지역이 아닙니다." "The errand is outside of the maker's provinces.";
    /// Not in this room.
    NotMember = 403 "not_member" "먼저 대화방에 들어와 주세요." "Join the room first.";
    /// Only the host of the room may.
    NotHost = 403 "not_host" "방장만 할 수 있습니다." "Only the host may do this.";
    /// The message is somebody else's.
    NotAuthor = 403 "not_author" "보낸 사람만 할 수 있습니다." "Only its author may do this.";
    /// The two share no room.
    NoCommonRoom = 403 "no_common_room" "같은 대화방에 있는 사람에게만 말을 걸 수 있습니다." "You can only talk to people you share a room with.";
    /// The other side of the deal may, or an administrator.
    NotYours = 403 "not_yours" "상대방만 할 수 있습니다." "This is for somebody else to do.";
    /// Nothing there, or nothing the caller may know of.
    NotFound = 404 "not_found" "찾을 수 없습니다." "Not found.";
    /// The address has an account.
    EmailTaken = 409 "email_taken" "이미 가입된 이메일입니다." "This e-mail address has an account.";
    /// The nickname is another's.
    NicknameTaken = 409 "nickname_taken" "이미 쓰이고 있는 닉네임입니다." "This nickname is taken.";
    /// Edited by another meanwhile; `version` says the one it has now.
    VersionConflict = 409 "version_conflict" "그사이 다른 곳에서 수정되었습니다." "It was edited elsewhere meanwhile.";
    /// Its status does not allow it; `status` says the one it has now.
    WrongStatus = 409 "wrong_status" "지금 상태에서는 할 수 없습니다." "Its status does not allow this.";
    /// The same request is being answered at this moment.
    InProgress = 409 "request_in_progress" "같은 요청을 처리하고 있습니다. 잠시 후 다시 시도해 주세요." "The same request is being answered; try again in a moment.";
    /// There is no password to change.
    NoPassword = 409 "no_password" "소셜 계정에는 비밀번호가 없습니다." "This account signs in by a provider and has no password.";
    /// Signing up was finished before.
    AlreadyOnboarded = 409 "already_onboarded" "이미 가입을 마쳤습니다." "Signing up was finished before.";
    /// The identity has an account of its own.
    IdentityInUse = 409 "identity_in_use" "이미 다른 계정에 쓰이는 로그인 방법입니다." "This identity belongs to another account.";
    /// It is the only way to sign in.
    LastSignIn = 409 "last_sign_in" "마지막 로그인 방법은 없앨 수 없습니다." "The only way to sign in cannot be removed.";
    /// Used by a listing or a profile.
    MediaInUse = 409 "media_in_use" "사용 중인 사진입니다." "The picture is in use.";
    /// There is one of this name.
    CategoryExists = 409 "category_exists" "이미 있는 카테고리입니다." "There is a category of this identifier.";
    /// The room can only be read.
    RoomClosed = 409 "room_closed" "종료된 대화방입니다." "The room is closed.";
    /// As many members as a room takes.
    RoomFull = 409 "room_full" "대화방의 정원이 찼습니다." "The room is full.";
    /// As many rooms as a person is in.
    TooManyRooms = 409 "too_many_rooms" "대화방이 너무 많습니다. 끝난 방에서 나간 뒤 다시 시도해 주세요." "You are in too many rooms; leave some first.";
    /// As many rooms as a connection has open.
    TooManyOpen = 409 "too_many_open" "한 번에 열 수 있는 대화방이 너무 많습니다." "This connection has too many rooms open; close one first.";
    /// The host of a room stays in it.
    HostStays = 409 "host_stays" "방장은 나갈 수 없습니다." "The host cannot leave the room.";
    /// The message was deleted.
    MessageDeleted = 409 "message_deleted" "삭제된 메시지입니다." "The message was deleted.";
    /// The message has no words.
    NoWords = 409 "no_words" "글이 아닌 메시지는 고칠 수 없습니다." "Only words can be edited.";
    /// The time for it is over.
    TooLate = 409 "too_late" "보낸 지 5분이 지나 삭제할 수 없습니다." "Five minutes have passed since it was sent.";
    /// As many reactions as a message keeps.
    TooManyReactions = 409 "too_many_reactions" "반응이 너무 많습니다." "The message has as many reactions as it can hold.";
    /// The deal stands where this cannot be done; `state` and `actions` say what is so now.
    DealMoved = 409 "deal_moved" "거래 상태가 바뀌어 지금은 할 수 없습니다." "The deal does not stand where this can be done.";
    /// There is a deal about this already; `dealId` says which.
    DealExists = 409 "deal_exists" "이미 진행 중인 신청이 있습니다." "You have a deal about this already.";
    /// Somebody else has it then.
    TimesTaken = 409 "times_taken" "그 시간에는 이미 예약되어 있습니다." "It is taken at this time.";
    /// Fewer coins than are needed; `needs` and `has` say how many.
    TooFewCoins = 409 "too_few_coins" "코인이 부족합니다." "There are too few coins.";
    /// A wallet holds no more.
    WalletFull = 409 "wallet_full" "지갑에 담을 수 있는 코인을 넘습니다." "The wallet cannot hold that many coins.";
    /// It can be done from `from` on.
    TooEarly = 409 "too_early" "아직 할 수 없습니다." "It is too early for this.";
    /// It could be done until `until`.
    Passed = 409 "passed" "할 수 있는 시간이 지났습니다." "The time for this has passed.";
    /// No coins are held.
    NothingHeld = 409 "nothing_held" "보관 중인 코인이 없습니다." "No coins are held for this.";
    /// More time was asked for already, or was not asked for.
    NoExtension = 409 "no_extension" "연장 요청의 상태를 확인해 주세요." "Look at whether more time was asked for.";
    /// One's own listing.
    OwnListing = 409 "own_listing" "자신의 물품에는 할 수 없습니다." "Not on one's own listing.";
    /// One's own.
    Oneself = 409 "oneself" "자신에게는 할 수 없습니다." "Not of oneself or what is one's own.";
    /// An administrator took it out of sight.
    Hidden = 409 "hidden" "운영자가 숨긴 물품은 다시 올릴 수 없습니다." "An administrator has hidden it.";
    /// Decided before; `report` says how.
    AlreadyDecided = 409 "already_decided" "이미 처리된 신고입니다." "This report has been decided.";
    /// Reviewed before.
    AlreadyReviewed = 409 "already_reviewed" "이미 후기를 남겼습니다." "You have reviewed this deal.";
    /// The window of reviews has closed.
    ReviewClosed = 409 "review_closed" "후기를 남길 수 있는 기간이 지났습니다." "The time to review this deal is over.";
    /// One's own errand.
    OwnErrand = 409 "own_errand" "자신의 여행 요청에는 할 수 없습니다." "Not on one's own errand.";
    /// There is a quote of the maker's on this errand; `deal` says which.
    AlreadyQuoted = 409 "already_quoted" "이미 보낸 견적이 있습니다." "You have a quote on this errand.";
    /// The maker was asked before.
    AlreadyAsked = 409 "already_asked" "이미 견적을 부탁한 메이커입니다." "This maker was asked before.";
    /// As many makers are asked as may be at a time.
    TooManyAsked = 409 "too_many_asked" "한 번에 다섯 명까지 지정할 수 있습니다." "At most five makers can be asked at a time.";
    /// More than is taken.
    TooLarge = 413 "too_large" "요청이 너무 큽니다." "The request is too large.";
    /// Not JSON.
    UnsupportedType = 415 "unsupported_media_type" "application/json으로 보내 주세요." "Send application/json.";
    /// Rules are broken.
    InvalidFields = 422 "invalid_fields" "입력한 값을 확인해 주세요." "Some fields break a rule.";
    /// The key was used for another request.
    KeyReused = 422 "idempotency_key_reused" "같은 Idempotency-Key로 다른 요청을 보냈습니다." "This Idempotency-Key was used for another request.";
    /// The nonce is of a message that says something else.
    NonceReused = 422 "nonce_reused" "같은 nonce로 다른 메시지를 보냈습니다." "This nonce was used for another message.";
    /// Not the code that was mailed.
    WrongCode = 422 "wrong_code" "인증 코드가 맞지 않습니다." "The code is wrong.";
    /// A code that ran out.
    ExpiredCode = 422 "expired_code" "인증 코드가 만료되었습니다. 다시 받아 주세요." "The code has expired; ask for a new one.";
    /// Too often; `Retry-After` says when.
    TooMany = 429 "too_many_requests" "요청이 너무 잦습니다. 잠시 후 다시 시도해 주세요." "Too many requests; try again later.";
    /// A fault of ours; the log has it under the request's id.
    Internal = 500 "internal" "서버에 문제가 생겼습니다." "Something went wrong on our side.";
    /// Something needed is not there right now.
    Unavailable = 503 "unavailable" "지금은 처리할 수 없습니다. 잠시 후 다시 시도해 주세요." "Not available right now; try again later.";
}

/// A problem to be answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// What.
    pub code: Code,
    /// Bad fields, of the codes that name them.
    pub invalid: Invalid,
    /// Further members: `version`, `status`, `email`.
    pub extra: Map<String, Value>,
    /// Seconds until it may work.
    pub retry_after: Option<i64>,
}

impl Problem {
    /// A problem by its code.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self { code, invalid: Invalid::default(), extra: Map::new(), retry_after: None }
    }

    /// With a further member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }

    /// Too often: tells when to come again.
    #[must_use]
    pub fn too_many(seconds: i64) -> Self {
        Self { retry_after: Some(seconds), ..Self::new(Code::TooMany) }
    }

    /// The document.
    #[must_use]
    pub fn document(&self, lang: Lang, request_id: &str) -> Value {
        let mut document = json!({
            "type": format!("urn:madang:problem:{}", self.code.slug()),
            "code": self.code.slug(),
            "title": self.code.title(lang),
            "status": self.code.status(),
            "requestId": request_id,
        });
        if !self.invalid.0.is_empty() {
            // A hostile body can have a hundred thousand bad fields; a person mends a few at a time.
            document["errors"] = self
                .invalid
                .0
                .iter()
                .take(50)
                .map(|bad| json!({"field": bad.field, "code": bad.wrong.code(), "message": bad.wrong.message(lang)}))
                .collect();
        }
        for (name, value) in &self.extra {
            document[name] = value.clone();
        }
        document
    }
}

/// Why a request is not answered with what it asked for.
#[derive(Debug)]
pub enum Fault {
    /// The caller is told what.
    Problem(Box<Problem>),
    /// The caller is told nothing; the log is told this.
    Internal(String),
    /// A trigger's answer that its caller has to read word for word.
    Said(String),
}

impl Fault {
    /// A fault of ours.
    #[must_use]
    pub fn internal(what: impl std::fmt::Display) -> Self {
        Self::Internal(what.to_string())
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<Code> for Fault {
    fn from(code: Code) -> Self {
        Problem::new(code).into()
    }
}

impl From<Invalid> for Fault {
    fn from(invalid: Invalid) -> Self {
        let code = if invalid.is_shape() { Code::MalformedFields } else { Code::InvalidFields };
        Problem { invalid, ..Problem::new(code) }.into()
    }
}

impl From<store::Error> for Fault {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Contended => Problem { retry_after: Some(1), ..Problem::new(Code::InProgress) }.into(),
            store::Error::Throttled => Problem { retry_after: Some(1), ..Problem::new(Code::Unavailable) }.into(),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotOwner => Code::NotOwner.into(),
            Refused::Hidden => Code::Hidden.into(),
            Refused::Status(status) => Problem::new(Code::WrongStatus).with("listingStatus", status.word()).into(),
        }
    }
}

impl From<domain::message::Refused> for Fault {
    fn from(refused: domain::message::Refused) -> Self {
        use domain::message::Refused;
        match refused {
            Refused::NotAuthor => Code::NotAuthor,
            Refused::Deleted => Code::MessageDeleted,
            Refused::NoText => Code::NoWords,
            Refused::TooLate => Code::TooLate,
            Refused::TooManyReactions => Code::TooManyReactions,
        }
        .into()
    }
}

impl From<Gate> for Fault {
    fn from(gate: Gate) -> Self {
        match gate {
            Gate::OnboardingNeeded => Code::OnboardingNeeded.into(),
            Gate::RegionNeeded => Code::RegionNeeded.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::input::Wrong;

    #[test]
    fn every_code_has_its_own_slug_and_an_error_status() {
        let mut slugs: Vec<_> = Code::ALL.iter().map(|code| code.slug()).collect();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), Code::ALL.len());
        assert!(Code::ALL.iter().all(|code| (400..600).contains(&code.status())));
    }

    #[test]
    fn a_wrong_shape_is_400_and_a_broken_rule_422_and_all_fields_are_named() {
        let mut invalid = Invalid::one("/title", Wrong::TooLong(31));
        let Fault::Problem(rule) = Fault::from(invalid.clone()) else { unreachable!() };
        assert_eq!(rule.code.status(), 422);
        invalid.add("/surprise", Wrong::UnknownField);
        let Fault::Problem(shape) = Fault::from(invalid) else { unreachable!() };
        assert_eq!(shape.code.status(), 400);
        let document = shape.document(Lang::En, "r1");
        assert_eq!(document["errors"].as_array().map(Vec::len), Some(2));
        assert_eq!(document["errors"][1]["field"], "/surprise");
    }
}
