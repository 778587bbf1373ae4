//! What people are told of their deals, in words (rows N4–N8, N10, N13, B14).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    deal::{Action, Kind, State},
    id::DealId,
};

/// Something happened to a deal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DealNews {
    /// The deal.
    pub deal: DealId,
    /// What is agreed on.
    pub kind: Kind,
    /// What was done.
    pub action: Action,
    /// Where it stands now.
    pub state: State,
    /// What it is about.
    pub title: String,
    /// What whoever did it was called then; null for time and Madang.
    pub nickname: Option<String>,
}

impl DealNews {
    /// In Korean: one line, and what follows it.
    pub(super) fn in_korean(&self) -> (String, String) {
        let name = self.nickname.as_deref().unwrap_or("상대방");
        let title = &self.title;
        let asked = match self.kind {
            Kind::Barter => "교환 제안",
            Kind::Rental => "대여 신청",
            Kind::Errand => "견적",
        };
        let deal = match self.kind {
            Kind::Barter => "교환",
            Kind::Rental => "대여",
            Kind::Errand => "심부름",
        };
        match self.action {
            Action::Propose => (format!("새 {asked}이 왔어요"), format!("{name}님이 ‘{title}’에 보냈어요.")),
            Action::Withdraw => {
                (format!("{asked}이 취소되었어요"), format!("{name}님이 ‘{title}’에 대한 {asked}을 취소했어요."))
            }
            Action::Decline => {
                (format!("{asked}이 거절되었어요"), format!("{name}님이 ‘{title}’에 대한 {asked}을 거절했어요."))
            }
            Action::Accept => {
                (format!("{asked}이 수락되었어요"), format!("{name}님과 ‘{title}’ {deal}을(를) 진행해요."))
            }
            Action::Overtake => {
                (format!("다른 {asked}이 선택되었어요"), format!("‘{title}’은(는) 다른 분과 진행하게 되었어요."))
            }
            Action::Confirm if self.state == State::Done => {
                (format!("{deal}이 끝났어요"), format!("‘{title}’ {deal}이 끝났어요. 후기를 남겨 주세요."))
            }
            Action::Confirm => {
                ("상대방이 교환을 확인했어요".into(), format!("‘{title}’을(를) 받았다면 확인해 주세요."))
            }
            Action::HandOver => ("물건이 전달되었어요".into(), format!("{name}님이 ‘{title}’을(를) 건넸어요.")),
            Action::Return => {
                ("물건을 돌려받았나요?".into(), format!("{name}님이 ‘{title}’을(를) 반납했다고 해요. 확인해 주세요."))
            }
            Action::End | Action::Complete | Action::Award => {
                (format!("{deal}이(가) 끝났어요"), format!("‘{title}’ {deal}이(가) 끝났어요. 후기를 남겨 주세요."))
            }
            Action::Refund => ("코인을 돌려받았어요".into(), format!("‘{title}’에 맡긴 코인이 돌아갔어요.")),
            Action::AskExtension => {
                ("연장을 요청했어요".into(), format!("{name}님이 ‘{title}’을(를) 더 쓰고 싶어 해요."))
            }
            Action::AllowExtension => ("연장되었어요".into(), format!("‘{title}’ 대여가 연장되었어요.")),
            Action::RefuseExtension => {
                ("연장이 거절되었어요".into(), format!("‘{title}’은(는) 약속한 시각에 돌려주세요."))
            }
            Action::Break | Action::Abandon => {
                (format!("{deal}이(가) 취소되었어요"), format!("‘{title}’ {deal} 약속이 깨졌어요."))
            }
            Action::Dispute => {
                ("관리자가 확인하고 있어요".into(), format!("‘{title}’에 맡긴 코인을 관리자가 살펴보고 있어요."))
            }
            Action::Remind => ("내일이에요".into(), format!("‘{title}’ {deal}이(가) 내일이에요.")),
            Action::Overdue => ("반납 시각이 지났어요".into(), format!("‘{title}’을(를) 돌려줄 시각이 지났어요.")),
            Action::Lapse => (format!("{asked}이 마감되었어요"), format!("‘{title}’에 대한 {asked}이 끝났어요.")),
        }
    }

    /// In English: one line, and what follows it.
    pub(super) fn in_english(&self) -> (String, String) {
        let name = self.nickname.as_deref().unwrap_or("The other side");
        let title = &self.title;
        let asked = match self.kind {
            Kind::Barter => "offer",
            Kind::Rental => "rental request",
            Kind::Errand => "quote",
        };
        let deal = match self.kind {
            Kind::Barter => "swap",
            Kind::Rental => "rental",
            Kind::Errand => "errand",
        };
        match self.action {
            Action::Propose => (format!("A new {asked}"), format!("{name} sent one for “{title}”.")),
            Action::Withdraw => {
                (format!("A {asked} was taken back"), format!("{name} took back the {asked} for “{title}”."))
            }
            Action::Decline => {
                (format!("Your {asked} was declined"), format!("{name} declined your {asked} for “{title}”."))
            }
            Action::Accept => {
                (format!("Your {asked} was accepted"), format!("You and {name} have a deal on “{title}”."))
            }
            Action::Overtake => (format!("Another {asked} was chosen"), format!("“{title}” goes to somebody else.")),
            Action::Confirm if self.state == State::Done => {
                (format!("The {deal} is done"), format!("“{title}” is done. Say how it went."))
            }
            Action::Confirm => {
                ("The other side confirmed".into(), format!("If you have got yours for “{title}”, confirm it too."))
            }
            Action::HandOver => ("It was handed over".into(), format!("{name} handed over “{title}”.")),
            Action::Return => ("Is it back?".into(), format!("{name} says that “{title}” is back. Confirm it.")),
            Action::End | Action::Complete | Action::Award => {
                (format!("The {deal} is done"), format!("“{title}” is done. Say how it went."))
            }
            Action::Refund => {
                ("Coins were given back".into(), format!("The coins held for “{title}” were given back."))
            }
            Action::AskExtension => {
                ("More time is asked for".into(), format!("{name} would like to keep “{title}” for longer."))
            }
            Action::AllowExtension => ("You have more time".into(), format!("The rental of “{title}” was prolonged.")),
            Action::RefuseExtension => ("No more time".into(), format!("Bring “{title}” back as agreed.")),
            Action::Break | Action::Abandon => {
                (format!("The {deal} was broken off"), format!("There will be no {deal} of “{title}”."))
            }
            Action::Dispute => {
                ("An administrator is looking".into(), format!("The coins held for “{title}” are being looked into."))
            }
            Action::Remind => ("It is tomorrow".into(), format!("Your {deal} “{title}” is tomorrow.")),
            Action::Overdue => ("It is late".into(), format!("“{title}” should be back by now.")),
            Action::Lapse => (format!("The {asked} has ended"), format!("The {asked} for “{title}” came to nothing.")),
        }
    }
}
