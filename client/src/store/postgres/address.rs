//! Where the server is, and how it is reached: by TLS, unless it is on this machine.

use std::path::PathBuf;
use std::time::Duration;

use ::postgres::config::{Host, SslMode};
use ::postgres::{Client, Config, NoTls};

use super::{failed, tls};
use crate::error::{Error, Kind, Result};
use crate::secret::Secret;

/// How long a connection may take, unless the URL says otherwise.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server and how to reach it.
pub(super) struct Address {
    config: Config,
    /// Certificates to trust instead of the machine's.
    roots: Option<PathBuf>,
    /// Connect without TLS: the server is on this machine.
    local: bool,
}

impl Address {
    /// Reads a URL. `sslrootcert` names a PEM file of certificates to trust; `sslmode` may ask for TLS where it is not needed, and
    /// never for less than it is.
    pub(super) fn parse(url: &str, password: Option<&Secret>) -> Result<Self> {
        let (url, mode, roots) = split(url)?;
        let mut config = read(&url)?;
        if let Some(password) = password {
            config.password(password.expose());
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        config.application_name("hsm");
        let near = !config.get_hosts().is_empty() && config.get_hosts().iter().all(on_this_machine);
        let local = is_plain(mode.as_deref(), near)?;
        config.ssl_mode(if local { SslMode::Disable } else { SslMode::Require });
        Ok(Self { config, roots, local })
    }

    pub(super) fn connect(&self) -> Result<Client> {
        let connected = match self.local {
            true => self.config.connect(NoTls),
            false => self.config.connect(tls::connector(self.roots.as_deref())?),
        };
        connected.map_err(|error| {
            let error = failed(&error);
            let next = if error.next_step().is_empty() {
                "see that the server runs, and that the URL is right"
            } else {
                error.next_step()
            };
            Error::new(Kind::Store, "the key store's server cannot be reached").why(error.reason()).next(next)
        })
    }
}

/// What the URL says, if it says nothing that it should not.
fn read(url: &str) -> Result<Config> {
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(bad("it does not begin with postgres://"));
    }
    let config: Config = url.parse().map_err(|error: ::postgres::Error| {
        let why = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        bad("it cannot be read").why(why)
    })?;
    if config.get_password().is_some() {
        return Err(bad("it holds a password, which everybody on this machine could read")
            .next("leave it out, and say where it is: --store-password-source"));
    }
    // It would be connected to, whatever the host is called.
    if !config.get_hostaddrs().is_empty() {
        return Err(bad("it names a host by hostaddr").next("give the address as the host"));
    }
    Ok(config)
}

/// True when no TLS is needed, nor asked for.
fn is_plain(mode: Option<&str>, near: bool) -> Result<bool> {
    match mode {
        None | Some("prefer" | "allow") => Ok(near),
        Some("disable") if near => Ok(true),
        Some("require" | "verify-ca" | "verify-full") => Ok(false),
        Some("disable") => {
            Err(bad("it asks for no TLS on a network").next("leave out sslmode=disable; give the server a certificate"))
        }
        Some(other) => Err(bad(&format!("it asks for sslmode={other}, which we do not know"))),
    }
}

/// The URL without what is ours to read: `sslmode` and `sslrootcert`.
fn split(url: &str) -> Result<(String, Option<String>, Option<PathBuf>)> {
    let Some((base, query)) = url.split_once('?') else { return Ok((url.to_owned(), None, None)) };
    let (mut mode, mut roots, mut rest) = (None, None, Vec::new());
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("sslmode", value)) => mode = Some(value.to_owned()),
            Some(("sslrootcert", path)) if path.contains('%') => {
                return Err(bad("sslrootcert has a % in it, which is not decoded here"));
            }
            Some(("sslrootcert", path)) => roots = Some(PathBuf::from(path)),
            _ => rest.push(pair),
        }
    }
    let query = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
    Ok((format!("{base}{query}"), mode, roots))
}

/// A Unix socket, or a name or address that never leaves this machine.
fn on_this_machine(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback()),
    }
}

fn bad(why: &str) -> Error {
    Error::new(Kind::Usage, "this URL of a key store cannot be used").why(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_network_is_crossed_without_tls() {
        let local = |url: &str| Address::parse(url, None).map(|address| address.local).map_err(|error| error.kind());
        assert_eq!(local("postgres://u@localhost/keys"), Ok(true));
        assert_eq!(local("postgres://u@127.0.0.1/keys?sslmode=disable"), Ok(true));
        assert_eq!(local("postgres://u@%2Frun%2Fpostgresql/keys"), Ok(true));
        assert_eq!(local("postgres://u@localhost/keys?sslmode=verify-full"), Ok(false));
        assert_eq!(local("postgres://u@db.example.org/keys"), Ok(false));
        assert_eq!(local("postgres://u@db.example.org/keys?sslmode=prefer"), Ok(false));
        assert_eq!(local("postgres://u@localhost,db.example.org/keys"), Ok(false));
        assert_eq!(local("postgres://u@db.example.org/keys?sslmode=disable"), Err(Kind::Usage));
        assert_eq!(local("postgres://u@db.example.org/keys?sslmode=what"), Err(Kind::Usage));
        assert_eq!(local("postgres://u:secret@localhost/keys"), Err(Kind::Usage));
        assert_eq!(local("postgres://u@localhost/keys?nonsense=1"), Err(Kind::Usage));
        assert_eq!(local("POSTGRES://u@localhost/keys"), Err(Kind::Usage));
        assert_eq!(local("https://localhost/keys"), Err(Kind::Usage));
        // The address is what is connected to: a password would go out on a network that nobody sees in the name.
        assert_eq!(local("postgres://u@localhost/keys?hostaddr=192.0.2.2"), Err(Kind::Usage));
    }
}
