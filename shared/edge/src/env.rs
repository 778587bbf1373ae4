//! What a cold start knows, and the clients it makes at first use.

use std::sync::OnceLock;

use aws_config::SdkConfig;
use ports::Connections;
use store::Table;

use crate::{
    log::LogSink,
    problem::Fault,
    settings::{Setting, Settings},
    token::Verifier,
};

/// The surroundings of one function, the same for all its calls.
pub struct Env {
    /// Its settings.
    pub settings: Settings,
    /// How AWS is reached.
    pub sdk: SdkConfig,
    /// Where its lines go.
    pub log: LogSink,
    connections: OnceLock<Connections>,
    table: OnceLock<Table>,
    verifier: OnceLock<Verifier>,
}

impl Env {
    /// The surroundings of a function.
    #[must_use]
    pub fn new(settings: Settings, sdk: SdkConfig, log: LogSink) -> Self {
        Self { settings, sdk, log, connections: OnceLock::new(), table: OnceLock::new(), verifier: OnceLock::new() }
    }

    /// The table; its client is made at the first call, since the certificates it reads take longer than the rest of a
    /// cold start.
    ///
    /// # Errors
    /// When the row does not declare the table.
    pub fn table(&self) -> Result<&Table, Fault> {
        let name = self.settings.get(Setting::TableName)?;
        Ok(self.table.get_or_init(|| Table::new(&self.sdk, name.to_owned())))
    }

    /// The connections of the WebSocket API.
    ///
    /// # Errors
    /// When the row does not declare that it reaches them.
    pub fn connections(&self) -> Result<&Connections, Fault> {
        let url = self.settings.get(Setting::ConnectionsUrl)?;
        Ok(self.connections.get_or_init(|| Connections::new(&self.sdk, url)))
    }

    /// The verifier of tokens, for routes that know their caller if there is one, and for connections.
    ///
    /// # Errors
    /// When the row does not declare its settings.
    pub fn verifier(&self) -> Result<&Verifier, Fault> {
        let issuer = self.settings.get(Setting::TokenIssuer)?;
        let client = self.settings.get(Setting::ClientId)?;
        let keys = self.settings.get(Setting::JwksUrl)?;
        Ok(self.verifier.get_or_init(|| Verifier::new(issuer, client, keys)))
    }
}
