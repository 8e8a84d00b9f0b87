//! Every function of the 2.40, 3.0 and 3.2 lists, in their order, and the shape of its arguments: PKCS#11 v3.2 section 5
//! (the order is that of the header pkcs11f.h).

/// A function of the list.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub name: &'static str,
    /// Its place in the lists.
    pub index: usize,
    shape: &'static str,
}

/// The oldest list that has a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Since {
    V2_40,
    V3_0,
    V3_2,
}

/// One argument, or a pointer and its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Param {
    Session,
    Slot,
    Object,
    /// Flags, a count, a type.
    Number,
    /// A pointer and a length; NULL is bad unless the length is 0.
    Input,
    /// A pointer that may be NULL to ask for the length, and a pointer to the length.
    Output,
    /// The same with elements instead of bytes.
    List,
    /// A buffer that must be there, and its length.
    Write,
    /// Something of fixed size that must be there.
    Pointer,
    Mechanism,
    /// A template and its count; NULL is bad unless the count is 0.
    Template,
    /// May be NULL.
    Optional,
    /// Must be NULL.
    Reserved,
}

impl Entry {
    pub fn all() -> impl Iterator<Item = Entry> {
        let numbered = ENTRIES.iter().enumerate();
        numbered.map(|(index, (name, shape))| Entry { name, index, shape })
    }

    pub fn named(name: &str) -> Entry {
        Entry::all().find(|e| e.name == name).expect("a PKCS#11 function")
    }

    pub fn since(&self) -> Since {
        match self.index {
            0..V2_40_COUNT => Since::V2_40,
            V2_40_COUNT..V3_0_COUNT => Since::V3_0,
            _ => Since::V3_2,
        }
    }

    pub fn params(&self) -> impl Iterator<Item = Param> + use<> {
        self.shape.split(' ').map(|letter| match letter {
            "s" => Param::Session,
            "S" => Param::Slot,
            "h" => Param::Object,
            "f" => Param::Number,
            "i" => Param::Input,
            "o" => Param::Output,
            "l" => Param::List,
            "w" => Param::Write,
            "p" => Param::Pointer,
            "m" => Param::Mechanism,
            "t" => Param::Template,
            "x" => Param::Optional,
            "r" => Param::Reserved,
            other => panic!("no parameter is written {other}"),
        })
    }

    pub fn takes(&self, param: Param) -> bool {
        self.params().any(|p| p == param)
    }
}

impl Param {
    /// How many C arguments it is.
    pub fn width(self) -> usize {
        match self {
            Param::Input | Param::Output | Param::List | Param::Write | Param::Template => 2,
            _ => 1,
        }
    }

    /// Which of its C arguments is a pointer that must not be NULL.
    pub fn required_pointer(self) -> Option<usize> {
        match self {
            Param::Input | Param::Write | Param::Pointer | Param::Mechanism | Param::Template => Some(0),
            Param::Output | Param::List => Some(1),
            _ => None,
        }
    }
}

pub const V2_40_COUNT: usize = 68;
pub const V3_0_COUNT: usize = 92;
pub const V3_2_COUNT: usize = 104;

/// Name and arguments, a letter each: see [`Entry::params`].
const ENTRIES: [(&str, &str); V3_2_COUNT] = [
    ("C_Initialize", "x"),
    ("C_Finalize", "r"),
    ("C_GetInfo", "p"),
    ("C_GetFunctionList", "p"),
    ("C_GetSlotList", "f l"),
    ("C_GetSlotInfo", "S p"),
    ("C_GetTokenInfo", "S p"),
    ("C_GetMechanismList", "S l"),
    ("C_GetMechanismInfo", "S f p"),
    ("C_InitToken", "S i p"),
    ("C_InitPIN", "s i"),
    ("C_SetPIN", "s i i"),
    ("C_OpenSession", "S f x x p"),
    ("C_CloseSession", "s"),
    ("C_CloseAllSessions", "S"),
    ("C_GetSessionInfo", "s p"),
    ("C_GetOperationState", "s o"),
    ("C_SetOperationState", "s i h h"),
    ("C_Login", "s f i"),
    ("C_Logout", "s"),
    ("C_CreateObject", "s t p"),
    ("C_CopyObject", "s h t p"),
    ("C_DestroyObject", "s h"),
    ("C_GetObjectSize", "s h p"),
    ("C_GetAttributeValue", "s h t"),
    ("C_SetAttributeValue", "s h t"),
    ("C_FindObjectsInit", "s t"),
    ("C_FindObjects", "s w p"),
    ("C_FindObjectsFinal", "s"),
    ("C_EncryptInit", "s m h"),
    ("C_Encrypt", "s i o"),
    ("C_EncryptUpdate", "s i o"),
    ("C_EncryptFinal", "s o"),
    ("C_DecryptInit", "s m h"),
    ("C_Decrypt", "s i o"),
    ("C_DecryptUpdate", "s i o"),
    ("C_DecryptFinal", "s o"),
    ("C_DigestInit", "s m"),
    ("C_Digest", "s i o"),
    ("C_DigestUpdate", "s i"),
    ("C_DigestKey", "s h"),
    ("C_DigestFinal", "s o"),
    ("C_SignInit", "s m h"),
    ("C_Sign", "s i o"),
    ("C_SignUpdate", "s i"),
    ("C_SignFinal", "s o"),
    ("C_SignRecoverInit", "s m h"),
    ("C_SignRecover", "s i o"),
    ("C_VerifyInit", "s m h"),
    ("C_Verify", "s i i"),
    ("C_VerifyUpdate", "s i"),
    ("C_VerifyFinal", "s i"),
    ("C_VerifyRecoverInit", "s m h"),
    ("C_VerifyRecover", "s i o"),
    ("C_DigestEncryptUpdate", "s i o"),
    ("C_DecryptDigestUpdate", "s i o"),
    ("C_SignEncryptUpdate", "s i o"),
    ("C_DecryptVerifyUpdate", "s i o"),
    ("C_GenerateKey", "s m t p"),
    ("C_GenerateKeyPair", "s m t t p p"),
    ("C_WrapKey", "s m h h o"),
    ("C_UnwrapKey", "s m h i t p"),
    ("C_DeriveKey", "s m h t p"),
    ("C_SeedRandom", "s i"),
    ("C_GenerateRandom", "s w"),
    ("C_GetFunctionStatus", "s"),
    ("C_CancelFunction", "s"),
    ("C_WaitForSlotEvent", "f p r"),
    ("C_GetInterfaceList", "l"),
    ("C_GetInterface", "x x p f"),
    ("C_LoginUser", "s f i i"),
    ("C_SessionCancel", "s f"),
    ("C_MessageEncryptInit", "s m h"),
    ("C_EncryptMessage", "s i i i o"),
    ("C_EncryptMessageBegin", "s i i"),
    ("C_EncryptMessageNext", "s i i o f"),
    ("C_MessageEncryptFinal", "s"),
    ("C_MessageDecryptInit", "s m h"),
    ("C_DecryptMessage", "s i i i o"),
    ("C_DecryptMessageBegin", "s i i"),
    ("C_DecryptMessageNext", "s i i o f"),
    ("C_MessageDecryptFinal", "s"),
    ("C_MessageSignInit", "s m h"),
    ("C_SignMessage", "s i i o"),
    ("C_SignMessageBegin", "s i"),
    ("C_SignMessageNext", "s i i o"),
    ("C_MessageSignFinal", "s"),
    ("C_MessageVerifyInit", "s m h"),
    ("C_VerifyMessage", "s i i i"),
    ("C_VerifyMessageBegin", "s i"),
    ("C_VerifyMessageNext", "s i i i"),
    ("C_MessageVerifyFinal", "s"),
    ("C_EncapsulateKey", "s m h t o p"),
    ("C_DecapsulateKey", "s m h t i p"),
    ("C_VerifySignatureInit", "s m h i"),
    ("C_VerifySignature", "s i"),
    ("C_VerifySignatureUpdate", "s i"),
    ("C_VerifySignatureFinal", "s"),
    ("C_GetSessionValidationFlags", "s f p"),
    ("C_AsyncComplete", "s p p"),
    ("C_AsyncGetID", "s p p"),
    ("C_AsyncJoin", "s p f w"),
    ("C_WrapKeyAuthenticated", "s m h h i o"),
    ("C_UnwrapKeyAuthenticated", "s m h i t i p"),
];
