//! The stage: the module initialised, a token, its user logged in, and keys of every sort. What a sequence breaks is put back before the
//! next one, and only that: a login costs more than a thousand calls.

use super::{functions, memory::Memory};
use cryptoki_sys::*;
use hsm_tests::{Entry, Rv, SO_PIN, USER_PIN, oid};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

pub struct Stage {
    home: PathBuf,
    /// `conf=PATH` as a C string.
    pub configuration: Vec<u8>,
    pub slot: CK_SLOT_ID,
    keeper: CK_SESSION_HANDLE,
    /// Keys and other objects of the keeper's session, that nobody can change or destroy.
    pub fixtures: Vec<CK_OBJECT_HANDLE>,
    pub mechanisms: Vec<CK_MECHANISM_TYPE>,
}

static STAGE: LazyLock<Mutex<Stage>> = LazyLock::new(|| Mutex::new(Stage::empty()));

/// Objects that could not be destroyed.
static LEFT: AtomicUsize = AtomicUsize::new(0);

/// Says that an object stays where it is.
pub fn left_behind() {
    LEFT.fetch_add(1, Ordering::Relaxed);
}

/// The stage, set.
pub fn set() -> MutexGuard<'static, Stage> {
    let mut stage = STAGE.lock().unwrap_or_else(PoisonError::into_inner);
    if !stage.stands() && !stage.mended() {
        stage.build();
    }
    stage
}

impl Stage {
    fn empty() -> Self {
        let home = directory();
        let file = home.join("hsm-sim.toml");
        let text = format!("token_dir = {:?}\nlog = \"off\"\nlegacy = true\nmax_sessions = 64\n", home.join("tokens"));
        std::fs::write(&file, text).expect("a configuration file");
        let configuration = format!("conf={}\0", file.display()).into_bytes();
        Self { home, configuration, slot: 0, keeper: 0, fixtures: vec![], mechanisms: vec![] }
    }

    /// True while the keeper is logged in as the user.
    fn stands(&self) -> bool {
        !self.fixtures.is_empty() && self.state() == Some(CKS_RW_USER_FUNCTIONS) && !self.crowded()
    }

    /// True when sequences left too much behind: token files, and objects that say they cannot be destroyed.
    fn crowded(&self) -> bool {
        self.tokens() >= 20 || LEFT.load(Ordering::Relaxed) >= 100
    }

    /// Logs in again; false when the token is not what it was.
    fn mended(&mut self) -> bool {
        if self.slot == 0 || self.crowded() {
            return false;
        }
        let rv = self.initialize();
        if !matches!(rv.0, CKR_OK | CKR_CRYPTOKI_ALREADY_INITIALIZED) {
            return false;
        }
        call("C_CloseAllSessions", &[self.slot as usize]);
        self.enter()
    }

    fn build(&mut self) {
        call("C_Finalize", &[0]);
        LEFT.store(0, Ordering::Relaxed);
        let _ = std::fs::remove_dir_all(self.home.join("tokens"));
        std::fs::create_dir(self.home.join("tokens")).expect("a token directory");
        must("C_Initialize", self.initialize());
        let label = [b' '; 32];
        let (so, user) = (SO_PIN.as_bytes(), USER_PIN.as_bytes());
        must("C_InitToken", call("C_InitToken", &[0, so.as_ptr() as usize, so.len(), label.as_ptr() as usize]));
        self.slot = self.slots()[0];
        let session = self.open();
        must("C_Login", call("C_Login", &[session, CKU_SO as usize, so.as_ptr() as usize, so.len()]));
        must("C_InitPIN", call("C_InitPIN", &[session, user.as_ptr() as usize, user.len()]));
        must("C_Logout", call("C_Logout", &[session]));
        must("C_CloseSession", call("C_CloseSession", &[session]));
        assert!(self.enter(), "the user of a new token cannot log in");
    }

    fn initialize(&self) -> Rv {
        let arguments = [0, 0, 0, 0, CKF_OS_LOCKING_OK as usize, self.configuration.as_ptr() as usize];
        call("C_Initialize", &[arguments.as_ptr() as usize])
    }

    fn enter(&mut self) -> bool {
        let pin = USER_PIN.as_bytes();
        let session = self.open();
        let login = call("C_Login", &[session, CKU_USER as usize, pin.as_ptr() as usize, pin.len()]);
        if login != Rv(CKR_OK) {
            return false;
        }
        self.keeper = session as CK_SESSION_HANDLE;
        self.mechanisms = listed("C_GetMechanismList", &[self.slot as usize]);
        self.fixtures = fixtures(session);
        true
    }

    fn open(&self) -> usize {
        let mut session: CK_SESSION_HANDLE = 0;
        let flags = (CKF_SERIAL_SESSION | CKF_RW_SESSION) as usize;
        must("C_OpenSession", call("C_OpenSession", &[self.slot as usize, flags, 0, 0, &raw mut session as usize]));
        session as usize
    }

    /// A session for a sequence.
    pub fn session(&self) -> CK_SESSION_HANDLE {
        self.open() as CK_SESSION_HANDLE
    }

    fn state(&self) -> Option<CK_STATE> {
        let mut info = CK_SESSION_INFO::default();
        let rv = call("C_GetSessionInfo", &[self.keeper as usize, &raw mut info as usize]);
        (rv == Rv(CKR_OK)).then_some(info.state)
    }

    fn slots(&self) -> Vec<CK_SLOT_ID> {
        listed("C_GetSlotList", &[1])
    }

    /// Token files: a sequence may make more of them, within reason.
    fn tokens(&self) -> usize {
        std::fs::read_dir(self.home.join("tokens")).map_or(0, Iterator::count)
    }
}

fn call(name: &str, words: &[usize]) -> Rv {
    // SAFETY: this file's own calls, with the arguments that the standard gives the function.
    unsafe { functions::call(Entry::named(name), words) }
}

fn must(name: &str, rv: Rv) {
    assert_eq!(rv, Rv(CKR_OK), "{name} sets the stage");
}

fn listed(name: &str, first: &[usize]) -> Vec<CK_ULONG> {
    let mut count: CK_ULONG = 0;
    must(name, call(name, &[first, &[0, &raw mut count as usize]].concat()));
    let mut all = vec![0; count as usize];
    must(name, call(name, &[first, &[all.as_mut_ptr() as usize, &raw mut count as usize]].concat()));
    all
}

/// A directory for this process, in memory where there is such a place, since every write is synchronous. A process that crashes leaves
/// its own behind, for the next one to clear away.
fn directory() -> PathBuf {
    let place = Path::new("/dev/shm");
    let place = if place.is_dir() { place.to_owned() } else { std::env::temp_dir() };
    for left in std::fs::read_dir(&place).into_iter().flatten().flatten() {
        let pid = left.file_name().to_str().and_then(|name| name.strip_prefix(PREFIX)?.parse::<u32>().ok());
        if pid.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists()) {
            let _ = std::fs::remove_dir_all(left.path());
        }
    }
    let home = place.join(format!("{PREFIX}{}", std::process::id()));
    std::fs::create_dir_all(&home).expect("a directory");
    home
}

const PREFIX: &str = "hsm-hostile-";

/// Ends it all, and takes the directory away.
pub fn leave() {
    let stage = STAGE.lock().unwrap_or_else(PoisonError::into_inner);
    call("C_Finalize", &[0]);
    let _ = std::fs::remove_dir_all(&stage.home);
}

type Attributes<'a> = &'a [(CK_ATTRIBUTE_TYPE, &'a [u8])];

/// Keys of every sort, in the keeper's session.
fn fixtures(session: usize) -> Vec<CK_OBJECT_HANDLE> {
    let value: [u8; 64] = std::array::from_fn(|i| [0x01, 0x0b, 0x13, 0x1f][i % 4] ^ (i as u8 & 0xe0));
    let secrets = [(CKK_AES, 32), (CKK_GENERIC_SECRET, 48), (CKK_CHACHA20, 32), (CKK_DES3, 24), (CKK_CAMELLIA, 24)];
    let others = [(CKK_AES_XTS, 64), (CKK_POLY1305, 32), (CKK_SHA256_HMAC, 32), (CKK_HKDF, 32), (CKK_AES, 16)];
    let mut all: Vec<_> = secrets.iter().chain(&others).map(|(kind, len)| secret(session, *kind, &value[..*len])).collect();
    all.push(create(session, &[(CKA_CLASS, &CKO_DATA.to_ne_bytes()), (CKA_VALUE, b"data")]));
    let (bits, set) = (1024_u64.to_ne_bytes(), 1_u64.to_ne_bytes());
    let pairs: [(CK_MECHANISM_TYPE, Attributes<'_>, &[CK_ATTRIBUTE_TYPE], &[CK_ATTRIBUTE_TYPE]); 6] = [
        (
            CKM_RSA_PKCS_KEY_PAIR_GEN,
            &[(CKA_MODULUS_BITS, &bits)],
            &[CKA_ENCRYPT, CKA_VERIFY, CKA_WRAP, CKA_VERIFY_RECOVER],
            &[CKA_DECRYPT, CKA_SIGN, CKA_UNWRAP, CKA_SIGN_RECOVER],
        ),
        (CKM_EC_KEY_PAIR_GEN, &[(CKA_EC_PARAMS, oid::P256)], &[CKA_VERIFY], &[CKA_SIGN, CKA_DERIVE]),
        (CKM_EC_EDWARDS_KEY_PAIR_GEN, &[(CKA_EC_PARAMS, oid::ED25519)], &[CKA_VERIFY], &[CKA_SIGN]),
        (CKM_EC_MONTGOMERY_KEY_PAIR_GEN, &[(CKA_EC_PARAMS, oid::X25519)], &[], &[CKA_DERIVE]),
        (CKM_ML_KEM_KEY_PAIR_GEN, &[(CKA_PARAMETER_SET, &set)], &[CKA_ENCAPSULATE], &[CKA_DECAPSULATE]),
        (CKM_ML_DSA_KEY_PAIR_GEN, &[(CKA_PARAMETER_SET, &set)], &[CKA_VERIFY], &[CKA_SIGN]),
    ];
    all.extend(pairs.iter().flat_map(|(kind, more, public, private)| pair(session, *kind, more, [public, private])));
    all
}

const YES: &[u8] = &[CK_TRUE];
const NO: &[u8] = &[CK_FALSE];
/// No sequence can take these away.
const KEPT: [(CK_ATTRIBUTE_TYPE, &[u8]); 3] = [(CKA_MODIFIABLE, NO), (CKA_DESTROYABLE, NO), (CKA_PRIVATE, YES)];
const SHOWN: [(CK_ATTRIBUTE_TYPE, &[u8]); 2] = [(CKA_SENSITIVE, NO), (CKA_EXTRACTABLE, YES)];
const USES: [CK_ATTRIBUTE_TYPE; 7] = [CKA_ENCRYPT, CKA_DECRYPT, CKA_SIGN, CKA_VERIFY, CKA_WRAP, CKA_UNWRAP, CKA_DERIVE];

fn secret(session: usize, kind: CK_KEY_TYPE, value: &[u8]) -> CK_OBJECT_HANDLE {
    let uses = USES.map(|kind| (kind, YES));
    let (class, kind) = (CKO_SECRET_KEY.to_ne_bytes(), kind.to_ne_bytes());
    let head: Attributes<'_> = &[(CKA_CLASS, &class), (CKA_KEY_TYPE, &kind), (CKA_VALUE, value)];
    create(session, &[head, &SHOWN, &uses].concat())
}

fn create(session: usize, attributes: Attributes<'_>) -> CK_OBJECT_HANDLE {
    let mut memory = Memory::default();
    let (at, count) = template(&mut memory, &[attributes, &KEPT].concat());
    let mut handle: CK_OBJECT_HANDLE = 0;
    must("C_CreateObject", call("C_CreateObject", &[session, at, count, &raw mut handle as usize]));
    handle
}

fn pair(session: usize, kind: CK_MECHANISM_TYPE, more: Attributes<'_>, uses: [&[CK_ATTRIBUTE_TYPE]; 2]) -> [CK_OBJECT_HANDLE; 2] {
    let mut memory = Memory::default();
    let [public, private] = uses.map(|uses| uses.iter().map(|kind| (*kind, YES)).collect::<Vec<_>>());
    let (public, public_count) = template(&mut memory, &[more, &public, &KEPT].concat());
    let (private, private_count) = template(&mut memory, &[&private, &SHOWN[..], &KEPT].concat());
    let mechanism = [kind as usize, 0, 0];
    let mut handles: [CK_OBJECT_HANDLE; 2] = [0; 2];
    let [first, second] = [0, 1].map(|i| &raw mut handles[i] as usize);
    let words = [session, mechanism.as_ptr() as usize, public, public_count, private, private_count, first, second];
    must("C_GenerateKeyPair", call("C_GenerateKeyPair", &words));
    handles
}

fn template(memory: &mut Memory, attributes: Attributes<'_>) -> (usize, usize) {
    let mut words = Vec::new();
    for (kind, value) in attributes {
        let place = memory.put(value, 0);
        words.extend([*kind as usize, memory.at(place), value.len()]);
    }
    let array = memory.put_words(&words);
    (memory.at(array), attributes.len())
}

/// Bytes of memory that this process has in use.
pub fn memory_in_use() -> usize {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split_whitespace().nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
}
