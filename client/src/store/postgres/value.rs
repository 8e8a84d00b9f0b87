//! Values as PostgreSQL's types: bigint, text, bytea.

use std::error::Error as StdError;

use ::postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use bytes::BytesMut;

use crate::error::{Error, Kind, Result};
use crate::store::sql::{Row, Value};

pub(super) fn parameters(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

pub(super) fn row(row: &::postgres::Row) -> Result<Row> {
    (0..row.len()).map(|column| value(row, column)).collect::<Result<_>>().map(Row::new)
}

fn value(row: &::postgres::Row, column: usize) -> Result<Value> {
    let read = match *row.columns()[column].type_() {
        Type::INT8 => row.try_get::<_, Option<i64>>(column).map(Value::from),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(column).map(Value::from),
        _ => row.try_get::<_, Option<String>>(column).map(Value::from),
    };
    read.map_err(|error| Error::new(Kind::Store, "the key store holds a row that cannot be read").why(error.to_string()))
}

impl ToSql for Value {
    fn to_sql(&self, to: &Type, out: &mut BytesMut) -> std::result::Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) => number.to_sql(to, out),
            Self::Text(text) => text.to_sql(to, out),
            Self::Blob(bytes) => bytes.to_sql(to, out),
        }
    }

    fn accepts(to: &Type) -> bool {
        matches!(*to, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}
