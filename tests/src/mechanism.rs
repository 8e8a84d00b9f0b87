//! Mechanisms and their parameters: PKCS#11 v3.2 section 6.

use crate::layout::Layout;
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
    Sign(CK_HEDGE_TYPE, Vec<u8>),
    HashSign(CK_HEDGE_TYPE, Vec<u8>, CK_MECHANISM_TYPE),
    Laid(Layout),
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

    /// AES-GMAC, section 6.13.6; the tag length in bits.
    pub fn gmac(iv: &[u8], tag_bits: CK_ULONG) -> Self {
        Self::new(CKM_AES_GMAC, Parameter::Gcm(iv.to_vec(), Vec::new(), tag_bits))
    }

    /// AES-CCM, section 6.13.4; lengths of data and tag in bytes.
    pub fn ccm(data_len: usize, nonce: &[u8], aad: &[u8], tag_len: usize) -> Self {
        let fields = [number(data_len), bytes(nonce), number(nonce.len()), bytes(aad), number(aad.len()), number(tag_len)];
        Self::fields(CKM_AES_CCM, &fields)
    }

    /// AES-CCM around a key as v3.2 has it, section 6.13.5, with CKG_NO_GENERATE or another generator.
    pub fn ccm_wrap(nonce: &[u8], generator: CK_ULONG, aad: &[u8], tag_len: usize) -> Self {
        let (nonce, len) = (bytes(nonce), number(nonce.len()));
        let generated = [number(0), number(generator as usize)];
        let rest = [bytes(aad), number(aad.len()), number(tag_len)];
        Self::fields(CKM_AES_CCM, &[&[number(0), nonce, len][..], &generated, &rest].concat())
    }

    /// ChaCha20, section 6.58: the counter is little-endian.
    pub fn chacha20(counter: &[u8], nonce: &[u8]) -> Self {
        let fields = [bytes(counter), number(8 * counter.len()), bytes(nonce), number(8 * nonce.len())];
        Self::fields(CKM_CHACHA20, &fields)
    }

    /// ChaCha20-Poly1305, section 6.61; `nonce_len` is in bits by the standard.
    pub fn chacha20_poly1305(nonce: &[u8], nonce_len: usize, aad: &[u8]) -> Self {
        Self::fields(CKM_CHACHA20_POLY1305, &[bytes(nonce), number(nonce_len), bytes(aad), number(aad.len())])
    }

    /// A MAC of so many bytes: CK_MAC_GENERAL_PARAMS.
    pub fn general(mechanism: CK_MECHANISM_TYPE, len: usize) -> Self {
        Self::bytes(mechanism, &len.to_ne_bytes())
    }

    /// CK_KEY_DERIVATION_STRING_DATA, section 6.17 and 6.43.
    pub fn string(mechanism: CK_MECHANISM_TYPE, data: &[u8]) -> Self {
        Self::fields(mechanism, &[bytes(data), number(data.len())])
    }

    /// CK_AES_CBC_ENCRYPT_DATA_PARAMS, section 6.17.
    pub fn cbc_encrypt_data(iv: [u8; 16], data: &[u8]) -> Self {
        let (halves, _) = iv.as_chunks();
        let [first, second] = [halves[0], halves[1]].map(|half| number(usize::from_ne_bytes(half)));
        Self::fields(CKM_AES_CBC_ENCRYPT_DATA, &[first, second, bytes(data), number(data.len())])
    }

    /// ML-DSA and SLH-DSA with a context, sections 6.67 and 6.68.
    pub fn hedged(mechanism: CK_MECHANISM_TYPE, hedge: CK_HEDGE_TYPE, context: &[u8]) -> Self {
        Self::new(mechanism, Parameter::Sign(hedge, context.to_vec()))
    }

    /// The same over a digest made by `hash`.
    pub fn prehashed(mechanism: CK_MECHANISM_TYPE, hedge: CK_HEDGE_TYPE, context: &[u8], hash: CK_MECHANISM_TYPE) -> Self {
        Self::new(mechanism, Parameter::HashSign(hedge, context.to_vec(), hash))
    }

    /// A parameter structure of words and pointers.
    pub fn structure(mechanism: CK_MECHANISM_TYPE, layout: Layout) -> Self {
        Self::new(mechanism, Parameter::Laid(layout))
    }

    /// Any structure of words and pointers.
    pub fn fields(mechanism: CK_MECHANISM_TYPE, fields: &[Field]) -> Self {
        Self::new(mechanism, Parameter::Fields(fields.to_vec()))
    }

    /// CK_ECDH1_DERIVE_PARAMS, section 6.3.17.
    pub fn ecdh(mechanism: CK_MECHANISM_TYPE, kdf: CK_EC_KDF_TYPE, shared_info: &[u8], public: &[u8]) -> Self {
        let [info, point] =
            [shared_info, public].map(|bytes| [Field::Word(bytes.len() as CK_ULONG), Field::Bytes(bytes.to_vec())]);
        Self::fields(mechanism, &[&[Field::Word(kdf)][..], &info, &point].concat())
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
            Parameter::Laid(layout) => Place::Borrowed(layout.place(), layout.size()),
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
            Parameter::Sign(hedge, context) => Place::Sign(Box::new(CK_SIGN_ADDITIONAL_CONTEXT {
                hedgeVariant: *hedge,
                pContext: pointer(context),
                ulContextLen: context.len() as CK_ULONG,
            })),
            Parameter::HashSign(hedge, context, hash) => Place::HashSign(Box::new(CK_HASH_SIGN_ADDITIONAL_CONTEXT {
                hedgeVariant: *hedge,
                pContext: pointer(context),
                ulContextLen: context.len() as CK_ULONG,
                hash: *hash,
            })),
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
    Sign(Box<CK_SIGN_ADDITIONAL_CONTEXT>),
    HashSign(Box<CK_HASH_SIGN_ADDITIONAL_CONTEXT>),
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
            Field::Bytes(bytes) => pointer(bytes).expose_provenance(),
            Field::Nested(fields) => {
                let inner = Self::of(fields);
                let place = inner.words.as_ptr().expose_provenance();
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
            Place::Sign(p) => place(&mut **p),
            Place::HashSign(p) => place(&mut **p),
        };
        CK_MECHANISM { mechanism: self.mechanism, pParameter: parameter, ulParameterLen: length as CK_ULONG }
    }
}

fn place<T>(parameter: &mut T) -> (CK_VOID_PTR, usize) {
    ((&raw mut *parameter).cast(), size_of::<T>())
}

fn bytes(bytes: &[u8]) -> Field {
    Field::Bytes(bytes.to_vec())
}

fn number(number: usize) -> Field {
    Field::Word(number as CK_ULONG)
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
