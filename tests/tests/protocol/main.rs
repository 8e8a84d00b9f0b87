//! The protocol of the C interface: what every function does with its arguments, whatever it is for.
//! PKCS#11 v3.2 sections 5.1, 5.2 and 5.4. Tables over all functions of the 2.40, 3.0 and 3.2 lists.

mod alignment;
mod data_length;
mod handles;
mod in_place;
mod info;
mod initialize;
mod interfaces;
mod length;
mod lengths;
mod lists;
mod multi_part;
mod null;
mod order;
mod others;
mod parameters;
mod profiles;
mod random;
mod recover;
mod rows;
mod sizes;
mod stage;
mod symmetric_parameters;
mod templates;
mod uninitialised;
mod vendor;
