//! The interfaces of our own keep to the conventions of the standard's functions (5.1.6, 5.2): what each of theirs does with arguments that
//! cannot be.

use hsm_tests::*;
use std::ptr::null_mut;

const DOCUMENT: &[Param] = &[Param::Session, Param::Input, Param::Output];

/// Functions in the order of a list, and their parameters; a Number is a word of flags.
type Functions = &'static [(&'static str, &'static [Param])];

const INTERFACES: [(&str, Functions); 4] = [
    (
        "Vendor hsm-sim Recovery",
        &[
            ("Begin", DOCUMENT),
            ("Approve", DOCUMENT),
            ("Contribute", DOCUMENT),
            ("Status", DOCUMENT),
            ("Finish", DOCUMENT),
            ("Cancel", DOCUMENT),
        ],
    ),
    (
        "Vendor hsm-sim Users",
        &[
            ("Add", &[Param::Session, Param::Input, Param::Input, Param::Number]),
            ("Remove", &[Param::Session, Param::Input]),
            ("RemoveAll", &[Param::Session]),
            ("SetRights", &[Param::Session, Param::Input, Param::Number]),
            ("SetPin", &[Param::Session, Param::Input, Param::Input]),
            ("List", &[Param::Session, Param::Output]),
        ],
    ),
    ("Vendor hsm-sim Audit", &[("Read", DOCUMENT), ("Verify", &[Param::Session, Param::Output]), ("Cut", DOCUMENT)]),
    (
        "Vendor hsm-sim Upkeep",
        &[
            ("Check", &[Param::Session, Param::Output]),
            ("Backup", DOCUMENT),
            ("Inspect", &[Param::Output]),
            ("Repair", &[Param::Input, Param::Output]),
            ("Restore", &[Param::Input, Param::Output]),
        ],
    ),
];

/// What a request is, and room for a reply.
struct Arguments {
    session: CK_SESSION_HANDLE,
    request: Vec<u8>,
    reply: Vec<u8>,
    len: [CK_ULONG; 2],
}

impl Arguments {
    fn new(session: CK_SESSION_HANDLE) -> Self {
        Self { session, request: b"{}".to_vec(), reply: vec![0; 1 << 19], len: [1 << 19; 2] }
    }

    fn words(&mut self, params: &[Param]) -> Vec<usize> {
        let mut words = Vec::new();
        for param in params {
            match param {
                Param::Session => words.push(self.session as usize),
                Param::Input => words.extend([self.request.as_ptr() as usize, self.request.len()]),
                Param::Output => words.extend([self.reply.as_mut_ptr() as usize, self.len.as_mut_ptr() as usize]),
                _ => words.push(0),
            }
        }
        words
    }
}

/// Every function, with good arguments that `twist` may change, given the place of each parameter among the words.
fn each(
    module: &Module,
    session: CK_SESSION_HANDLE,
    mut row: impl FnMut(String, Param, &mut dyn FnMut(&[(usize, usize)]) -> Rv),
) {
    for (interface, functions) in INTERFACES {
        let list = module.interface(Some(interface), Some((1, 0)), 0).expect("the interface").list as *const usize;
        for (number, (name, params)) in functions.iter().enumerate() {
            // SAFETY: the list is a CK_VERSION, padded to a word, and a function pointer for each of these.
            let function = unsafe { *list.add(1 + number) };
            for (position, param) in params.iter().enumerate() {
                let at: usize = params[..position].iter().map(|param| param.width()).sum();
                let mut call = |changes: &[(usize, usize)]| {
                    let mut arguments = Arguments::new(session);
                    let mut words = arguments.words(params);
                    changes.iter().for_each(|(offset, word)| words[at + offset] = *word);
                    // SAFETY: a function of so many words; what they point to is there, or is what the function must not touch.
                    unsafe { invoke(function, &words) }
                };
                row(format!("{interface} {name}, parameter {position}"), *param, &mut call);
            }
        }
    }
}

#[test]
fn arguments_that_cannot_be() {
    isolated(|home| {
        let token = home.token();
        let session = token.user();
        let mut tally = Tally::new("5.1.6: the interfaces of our own");
        let misaligned = [0 as CK_ULONG; 2];
        let misaligned = misaligned.as_ptr() as usize + 1;
        each(&token.module, session.handle, |name, param, call| match param {
            Param::Session => {
                for handle in [0, 0x7fff_fff0, usize::MAX] {
                    tally.row(format!("{name}: session {handle:#x}"), call(&[(0, handle)]), &[CKR_SESSION_HANDLE_INVALID]);
                }
            }
            Param::Input => {
                tally.row(format!("{name}: NULL"), call(&[(0, 0), (1, 5)]), &[CKR_ARGUMENTS_BAD]);
                for len in [isize::MAX as usize + 1, usize::MAX] {
                    tally.row(format!("{name}: {len:#x} bytes"), call(&[(1, len)]), &[CKR_ARGUMENTS_BAD]);
                }
            }
            Param::Output => {
                for (what, place) in [("NULL", null_mut::<u8>() as usize), ("misaligned", misaligned)] {
                    tally.row(format!("{name}: length {what}"), call(&[(1, place)]), &[CKR_ARGUMENTS_BAD]);
                }
            }
            _ => {}
        });
    });
}

#[test]
fn before_initialize_and_after_finalize() {
    isolated(|home| {
        let module = home.module();
        let mut tally = Tally::new("5.4: the interfaces of our own");
        let mut refused = |module: &Module| {
            each(module, 1, |name, _, call| tally.row(name, call(&[]), &[CKR_CRYPTOKI_NOT_INITIALIZED]));
        };
        refused(&module);
        module.initialize().expect("C_Initialize");
        module.finalize().expect("C_Finalize");
        refused(&module);
    });
}
