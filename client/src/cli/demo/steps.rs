//! What the demo does, in order.

use std::fs;
use std::sync::Arc;

use hsm_client::context::EncryptionContext;
use hsm_client::envelope;
use hsm_client::hsm::module::Module;
use hsm_client::hsm::pkcs11::Token;
use hsm_client::hsm::selector::Selector;
use hsm_client::hsm::{Hsm, KeyKind, MekKind, Scheme, locate};
use hsm_client::id::{KeyId, hex};
use hsm_client::jwks::Jwks;
use hsm_client::jwt::{self, Claims, Expected};
use hsm_client::keyring::{Keyring, Recipe, mek};
use hsm_client::signer::Signer;
use hsm_client::store::{KeyRecord, SqliteStore, Store};
use hsm_client::time::Timestamp;
use hsm_client::{Error, Kind, Result};
use serde_json::json;

use super::place::Place;
use super::report::Report;
use crate::cli::connect::Global;

const LABEL: &str = "demo";

pub(super) fn run(global: &Global, place: &Place) -> Result<()> {
    let mut report = Report::new(global.json);
    let module = Module::load(&locate::module(global.module.as_deref())?)?;
    let hsm: Arc<dyn Hsm> = token(&module, place, &mut report)?;
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&place.path("keyring.db"))?);
    let keyring = Keyring::new(Arc::clone(&hsm), Arc::clone(&store));
    let signer = Signer::new(Arc::clone(&hsm), store);

    master_key(&keyring, &mut report)?;
    let record = data_key(&keyring, &mut report)?;
    encrypt(&keyring, place, &mut report)?;
    decrypt(&keyring, place, &mut report)?;
    tamper(&keyring, place, &record, &mut report)?;
    let jwt = token_signed(&signer, &mut report)?;
    let signature = message_signed(&signer, place, &mut report)?;
    published(&signer, place, (&jwt, &signature), &mut report)?;
    farewell(&module, place, report)
}

pub(super) fn token(module: &Arc<Module>, place: &Place, report: &mut Report) -> Result<Arc<Token>> {
    let about = module.info()?;
    report.tell(&format!("module     {}", about.path.display()))?;
    report.tell(&format!("made by    {} ({}), PKCS#11 {}", about.manufacturer, about.description, about.pkcs11))?;
    report.tell(&format!("directory  {}", place.folder.display()))?;
    report.step("A token of our own, with a PIN nobody knows but two files")?;
    let name = about.manufacturer.to_ascii_lowercase();
    if !name.contains("softhsm") && !name.contains("hsm-sim") {
        return Err(Error::new(Kind::Usage, format!("the demo makes no token in a module of {}", about.manufacturer))
            .why("it knows how to lead hsm-sim and SoftHSMv2 to a fresh directory; another module may be your hardware")
            .next("name one of those: --module PATH; your own token works with every other command"));
    }
    // The fresh directory must have taken effect: never touch a token that was there before.
    if let Some(other) = module.tokens()?.into_iter().find(|state| state.initialized) {
        return Err(Error::new(Kind::Conflict, "the module shows a token that is not ours")
            .why(format!("\"{}\", serial number {}", other.identity.label, other.identity.serial))
            .next("report this: the module did not read the configuration in the demo's directory"));
    }
    report.command(&format!("token init --label {LABEL} --pin-source file:pin --so-pin-source file:so-pin"))?;
    let state = module.init_token(LABEL, &place.pin("so-pin")?, &place.pin("pin")?)?;
    report.tell(&format!("token \"{}\", serial number {}", state.identity.label, state.identity.serial))?;
    let selector = Selector { serial: Some(state.identity.serial.clone()), ..Selector::default() };
    let hsm = Token::open(module, &selector, Some(&place.pin("pin")?))?;
    report.check("the token is initialised and lets us in", state.initialized && state.user_pin_set)?;
    Ok(Arc::new(hsm))
}

fn master_key(keyring: &Keyring, report: &mut Report) -> Result<()> {
    report.step("A master encryption key (MEK), made in the token")?;
    report.tell("without one nothing can be encrypted, and it is never made silently:")?;
    let early = keyring.create("early", &Recipe::default());
    report.check_refused("a missing master key is refused, not made", Kind::MekMissing, early)?;
    report.command("mek create --label main")?;
    let made = mek::create(keyring.hsm(), keyring.store(), "main", MekKind::Aes256)?;
    report.tell(&format!("256 bits, id {}", made.info.id))?;
    report.check("the token vouches that it was made inside and can never leave", made.info.is_sound())
}

fn data_key(keyring: &Keyring, report: &mut Report) -> Result<KeyRecord> {
    report.step("A data encryption key (DEK), made in the token, kept only as the MEK wrapped it")?;
    report.command("dek create --name mail")?;
    let (_, record) = keyring.create("mail", &Recipe::default())?;
    let dek = record.wrapped.as_ref().ok_or_else(|| Error::new(Kind::Device, "the data key was not wrapped"))?;
    report.tell(&format!("key id {}", record.key_id))?;
    report.tell(&format!("wrapped with {}: {}", dek.wrapped.mechanism, hex(&dek.wrapped.ciphertext)))?;
    let open = keyring.open(&record)?;
    let hidden = !dek.wrapped.ciphertext.windows(16).any(|part| part == &open.key.expose()[..16]);
    report.check("the store holds the wrapped form, which only this token opens", hidden && open.key.len() == 32)?;
    Ok(record)
}

fn context() -> Result<EncryptionContext> {
    EncryptionContext::parse(["purpose=demo"])
}

fn encrypt(keyring: &Keyring, place: &Place, report: &mut Report) -> Result<()> {
    report.step("A real file, encrypted under that data key")?;
    report.command("encrypt --dek mail --context purpose=demo message -o message.hsm")?;
    let plain = read(place, "message")?;
    let dek = keyring.open(&keyring.active("mail")?)?;
    let mut sealed = Vec::new();
    let header = envelope::seal(&dek, &context()?, plain.as_slice(), &mut sealed, |_| {})?;
    place.write("message.hsm", &sealed)?;
    report.tell(&format!("{} bytes became an envelope of {} bytes", plain.len(), sealed.len()))?;
    let named = header.key_id == *dek.key_id.as_bytes();
    let hidden = plain.len() < 16 || !sealed.windows(16).any(|part| part == &plain[..16]);
    report.check("the envelope names its key and shows nothing of the file", named && hidden)
}

fn decrypt(keyring: &Keyring, place: &Place, report: &mut Report) -> Result<()> {
    report.step("Decrypted again, through the token")?;
    report.command("decrypt --context purpose=demo message.hsm -o message.out")?;
    let plain = open(keyring, &read(place, "message.hsm")?, &context()?)?;
    place.write("message.out", &plain)?;
    let same = read(place, "message.out")? == read(place, "message")?;
    report.check("the decrypted file equals the original byte for byte", same)
}

fn tamper(keyring: &Keyring, place: &Place, record: &KeyRecord, report: &mut Report) -> Result<()> {
    report.step("Attacks, each of which must be refused")?;
    let sealed = read(place, "message.hsm")?;
    let mut altered = sealed.clone();
    let last = altered.len() - 1;
    altered[last] ^= 1;
    let result = open(keyring, &altered, &context()?);
    report.check_refused("one flipped bit in the envelope is noticed", Kind::Authentication, result)?;
    let result = open(keyring, &sealed[..sealed.len() - 1], &context()?);
    report.check_refused("an envelope cut off is noticed", Kind::Authentication, result)?;
    let result = open(keyring, &sealed, &EncryptionContext::parse(["purpose=other"])?);
    report.check_refused("another encryption context does not open it", Kind::ContextMismatch, result)?;
    let (_, other) = keyring.create("other", &Recipe::default())?;
    let swapped = KeyRecord { wrapped: other.wrapped, ..record.clone() };
    let result = keyring.open(&swapped);
    report.check_refused("a wrapped key moved to another row does not open", Kind::Authentication, result)
}

fn token_signed(signer: &Signer, report: &mut Report) -> Result<String> {
    report.step("A JWT, signed by an RSA key that stays in the token")?;
    report.command("key create --label jwt --type rsa-2048")?;
    let key = signer.create("jwt", KeyKind::Rsa(2048), Some(Scheme::Rs256), false)?;
    report.command("jwt sign --key jwt --iss demo --aud reader")?;
    let now = Timestamp::now();
    let claims = Claims::default().with("iss", "demo").with("aud", "reader").with("iat", now.0).with("exp", now.plus(300).0);
    let token = jwt::sign(signer, &key, None, &claims)?;
    report.tell(&token)?;
    Ok(token)
}

fn message_signed(signer: &Signer, place: &Place, report: &mut Report) -> Result<Vec<u8>> {
    report.step("A message, signed by an Ed25519 key in the same token")?;
    report.command("key create --label service --type ed25519")?;
    let key = signer.create("service", KeyKind::Ed25519, None, false)?;
    report.command("sign --key service message -o message.sig")?;
    let signature = signer.sign(&key, None, &read(place, "message")?)?;
    place.write("message.sig", &signature)?;
    report.tell(&format!("{} bytes: {}", signature.len(), hex(&signature)))?;
    Ok(signature)
}

fn published(signer: &Signer, place: &Place, (token, signature): (&str, &[u8]), report: &mut Report) -> Result<()> {
    report.step("The public keys, published; both signatures verified from them alone, without the token")?;
    report.command("jwks -o jwks.json")?;
    let text = format!("{:#}\n", json!(Jwks::publish(&signer.keys()?)));
    place.write("jwks.json", text.as_bytes())?;
    for line in text.lines() {
        report.tell(line)?;
    }
    // From here on only what a stranger has: the file.
    let jwks = Jwks::parse(&read(place, "jwks.json")?)?;
    let mut expected = Expected { issuer: Some("demo".into()), audience: Some("reader".into()), ..Expected::default() };
    report.command("jwt verify --jwks jwks.json --iss demo --aud reader")?;
    let good = jwt::verify(token, &jwks, &expected);
    report.check("the JWT verifies with the crate rsa", good.is_ok_and(|good| good.scheme == Scheme::Rs256))?;
    expected.audience = Some("stranger".into());
    let result = jwt::verify(token, &jwks, &expected);
    report.check_refused("a JWT for another audience is refused", Kind::ContextMismatch, result)?;
    report.command("verify --jwks jwks.json --key KID --signature message.sig message")?;
    let mut message = read(place, "message")?;
    let ed25519 = jwks.keys.iter().find(|jwk| jwk.kty == "OKP");
    let public = ed25519.ok_or_else(|| Error::new(Kind::NotFound, "no Ed25519 key was published"))?.public_key()?;
    let good = public.verify(Scheme::EdDsa, &message, signature);
    report.check("the message's signature verifies with the crate ed25519-dalek", good.is_ok())?;
    message.push(b'!');
    let result = public.verify(Scheme::EdDsa, &message, signature);
    report.check_refused("an altered message does not verify", Kind::Authentication, result)
}

fn farewell(module: &Module, place: &Place, report: Report) -> Result<()> {
    report.tell("")?;
    report.tell("Go on with this token (delete the directory when done):")?;
    report.tell(&format!("cd {}", place.folder.display()))?;
    let path = module.info()?.path;
    report
        .tell(&format!("export HSM_MODULE={} HSM_TOKEN={LABEL} HSM_PIN_SOURCE=file:pin HSM_STORE=keyring.db", path.display()))?;
    let [sim, soft] = place.environment();
    report.tell(&format!("export {}={} {}={}", sim.0, sim.1.display(), soft.0, soft.1.display()))?;
    report.finish(&json!({ "directory": place.folder, "module": path, "token": LABEL }))
}

pub(super) fn open(keyring: &Keyring, sealed: &[u8], context: &EncryptionContext) -> Result<Vec<u8>> {
    let mut input = sealed;
    let header = envelope::read_header(&mut input)?;
    let record = keyring.for_decryption(&KeyId::from_bytes(header.key_id), header.key_version)?;
    let mut plain = Vec::new();
    envelope::open(&keyring.open(&record)?, context, &header, input, &mut plain, |_| {})?;
    Ok(plain)
}

pub(super) fn read(place: &Place, name: &str) -> Result<Vec<u8>> {
    fs::read(place.path(name)).map_err(|error| Error::io(place.path(name).display(), &error))
}
