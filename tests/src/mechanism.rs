//! Mechanisms and their parameters: PKCS#11 v3.2 section 6.

use cryptoki_sys::*;
use std::ptr::null_mut;

/// A mechanism that owns its parameter.
#[derive(Clone, Debug)]
pub struct Mechanism {
    pub mechanism: CK_MECHANISM_TYPE,
    parameter: Parameter,
    name: String,
}

#[derive(Clone, Debug)]
enum Parameter {
    None,
    Bytes(Vec<u8>),
    /// A claimed length without a pointer.
    Null(CK_ULONG),
    Gcm(Vec<u8>, Vec<u8>, CK_ULONG),
    Ctr(CK_ULONG, [u8; 16]),
    Pss(CK_RSA_PKCS_PSS_PARAMS),
    Oaep(CK_MECHANISM_TYPE, CK_RSA_PKCS_MGF_TYPE, Vec<u8>),
    EdDsa(bool, Vec<u8>),
    Fields(Vec<Field>),
}

/// One field of a parameter structure whose fields are all as wide as a word.
#[derive(Clone, Debug)]
pub enum Field {
    Word(CK_ULONG),
    /// A pointer to these bytes.
    Bytes(Vec<u8>),
    /// A pointer to another structure.
    Nested(Vec<Field>),
}

impl Mechanism {
    pub fn bare(mechanism: CK_MECHANISM_TYPE) -> Self {
        Self::new(mechanism, Parameter::None)
    }

    /// A parameter that is a byte string: an initialisation vector, or rubbish.
    pub fn bytes(mechanism: CK_MECHANISM_TYPE, parameter: &[u8]) -> Self {
        Self::new(mechanism, Parameter::Bytes(parameter.to_vec()))
    }

    /// A parameter structure written as words, to say what no honest one does.
    pub fn words(mechanism: CK_MECHANISM_TYPE, words: &[usize]) -> Self {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
        Self::bytes(mechanism, &bytes)
    }

    /// A NULL parameter pointer that claims `length` bytes.
    pub fn null(mechanism: CK_MECHANISM_TYPE, length: CK_ULONG) -> Self {
        Self::new(mechanism, Parameter::Null(length))
    }

    /// AES-GCM, section 6.13.3; the tag length in bits.
    pub fn gcm(iv: &[u8], aad: &[u8], tag_bits: CK_ULONG) -> Self {
        Self::new(CKM_AES_GCM, Parameter::Gcm(iv.to_vec(), aad.to_vec(), tag_bits))
    }

    /// AES-CTR, section 6.11.
    pub fn ctr(counter_bits: CK_ULONG, block: [u8; 16]) -> Self {
        Self::new(CKM_AES_CTR, Parameter::Ctr(counter_bits, block))
    }

    /// RSA-PSS, section 6.1.9; the salt length in bytes.
    pub fn pss(mechanism: CK_MECHANISM_TYPE, hash: CK_MECHANISM_TYPE, mgf: CK_RSA_PKCS_MGF_TYPE, salt: usize) -> Self {
        let parameter = CK_RSA_PKCS_PSS_PARAMS { hashAlg: hash, mgf, sLen: salt as CK_ULONG };
        Self::new(mechanism, Parameter::Pss(parameter))
    }

    /// RSA-OAEP, section 6.1.7.
    pub fn oaep(hash: CK_MECHANISM_TYPE, mgf: CK_RSA_PKCS_MGF_TYPE, label: &[u8]) -> Self {
        Self::new(CKM_RSA_PKCS_OAEP, Parameter::Oaep(hash, mgf, label.to_vec()))
    }

    /// EdDSA with a parameter, section 6.3.14.
    pub fn eddsa(prehash: bool, context: &[u8]) -> Self {
        Self::new(CKM_EDDSA, Parameter::EdDsa(prehash, context.to_vec()))
    }

    /// Any structure of words and pointers.
    pub fn fields(mechanism: CK_MECHANISM_TYPE, fields: Vec<Field>) -> Self {
        Self::new(mechanism, Parameter::Fields(fields))
    }

    /// CK_ECDH1_DERIVE_PARAMS, section 6.3.17.
    pub fn ecdh(mechanism: CK_MECHANISM_TYPE, kdf: CK_EC_KDF_TYPE, shared_info: &[u8], public: &[u8]) -> Self {
        let [info, point] =
            [shared_info, public].map(|bytes| [Field::Word(bytes.len() as CK_ULONG), Field::Bytes(bytes.to_vec())]);
        Self::fields(mechanism, [vec![Field::Word(kdf)], info.to_vec(), point.to_vec()].concat())
    }

    fn new(mechanism: CK_MECHANISM_TYPE, parameter: Parameter) -> Self {
        Self { mechanism, parameter, name: format!("mechanism {mechanism:#x}") }
    }

    /// Gives the mechanism a name for the messages of failed rows.
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.to_owned();
        self
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// The mechanism as C sees it, for the length of a call.
    pub(crate) fn as_c(&self) -> CMechanism<'_> {
        let parameter = match &self.parameter {
            Parameter::None => Place::Borrowed(null_mut(), 0),
            Parameter::Null(length) => Place::Borrowed(null_mut(), *length as usize),
            Parameter::Bytes(bytes) => Place::Borrowed(pointer(bytes).cast(), bytes.len()),
            Parameter::Gcm(iv, aad, tag_bits) => Place::Gcm(Box::new(gcm(iv, aad, *tag_bits))),
            Parameter::Ctr(bits, block) => Place::Ctr(Box::new(CK_AES_CTR_PARAMS { ulCounterBits: *bits, cb: *block })),
            Parameter::Pss(parameter) => Place::Pss(Box::new(*parameter)),
            Parameter::Oaep(hash, mgf, label) => Place::Oaep(Box::new(oaep(*hash, *mgf, label))),
            Parameter::EdDsa(prehash, context) => Place::EdDsa(Box::new(CK_EDDSA_PARAMS {
                phFlag: (*prehash).into(),
                ulContextDataLen: context.len() as CK_ULONG,
                pContextData: pointer(context),
            })),
            Parameter::Fields(fields) => Place::Words(Words::of(fields)),
        };
        CMechanism { parameter, mechanism: self.mechanism, _owner: self }
    }
}

/// A CK_MECHANISM whose parameter stays where it points.
pub(crate) struct CMechanism<'a> {
    parameter: Place,
    mechanism: CK_MECHANISM_TYPE,
    _owner: &'a Mechanism,
}

enum Place {
    Borrowed(CK_VOID_PTR, usize),
    Gcm(Box<CK_GCM_PARAMS>),
    Ctr(Box<CK_AES_CTR_PARAMS>),
    Pss(Box<CK_RSA_PKCS_PSS_PARAMS>),
    Oaep(Box<CK_RSA_PKCS_OAEP_PARAMS>),
    EdDsa(Box<CK_EDDSA_PARAMS>),
    Words(Words),
}

/// A structure of words, and the structures it points to.
struct Words {
    words: Vec<usize>,
    _nested: Vec<Words>,
}

impl Words {
    fn of(fields: &[Field]) -> Self {
        let mut nested = Vec::new();
        let words = fields.iter().map(|field| match field {
            Field::Word(number) => *number as usize,
            Field::Bytes(bytes) => pointer(bytes) as usize,
            Field::Nested(fields) => {
                let inner = Self::of(fields);
                let place = inner.words.as_ptr() as usize;
                nested.push(inner);
                place
            }
        });
        Self { words: words.collect(), _nested: nested }
    }
}

impl CMechanism<'_> {
    pub fn raw(&mut self) -> CK_MECHANISM {
        let (parameter, length) = match &mut self.parameter {
            Place::Borrowed(pointer, length) => (*pointer, *length),
            Place::Gcm(p) => place(&mut **p),
            Place::Ctr(p) => place(&mut **p),
            Place::Pss(p) => place(&mut **p),
            Place::Oaep(p) => place(&mut **p),
            Place::EdDsa(p) => place(&mut **p),
            Place::Words(p) => (p.words.as_mut_ptr().cast(), size_of_val(p.words.as_slice())),
        };
        CK_MECHANISM { mechanism: self.mechanism, pParameter: parameter, ulParameterLen: length as CK_ULONG }
    }
}

fn place<T>(parameter: &mut T) -> (CK_VOID_PTR, usize) {
    ((&raw mut *parameter).cast(), size_of::<T>())
}

fn gcm(iv: &[u8], aad: &[u8], tag_bits: CK_ULONG) -> CK_GCM_PARAMS {
    CK_GCM_PARAMS {
        pIv: pointer(iv),
        ulIvLen: iv.len() as CK_ULONG,
        ulIvBits: 8 * iv.len() as CK_ULONG,
        pAAD: pointer(aad),
        ulAADLen: aad.len() as CK_ULONG,
        ulTagBits: tag_bits,
    }
}

fn oaep(hash: CK_MECHANISM_TYPE, mgf: CK_RSA_PKCS_MGF_TYPE, label: &[u8]) -> CK_RSA_PKCS_OAEP_PARAMS {
    CK_RSA_PKCS_OAEP_PARAMS {
        hashAlg: hash,
        mgf,
        source: CKZ_DATA_SPECIFIED,
        pSourceData: pointer(label).cast(),
        ulSourceDataLen: label.len() as CK_ULONG,
    }
}

/// NULL for nothing, as most callers pass it.
fn pointer(bytes: &[u8]) -> *mut u8 {
    if bytes.is_empty() { null_mut() } else { bytes.as_ptr().cast_mut() }
}
