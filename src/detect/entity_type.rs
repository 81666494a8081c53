//! The classes of private data, by Presidio's names where it has one.

use std::{borrow::Cow, fmt};

/// A class of private data, such as `EMAIL_ADDRESS`. Cheap to clone for the built-in ones.
///
/// Policies may add types of their own with [`EntityType::custom`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityType(Cow<'static, str>);

impl EntityType {
    /// A built-in type. `name` is in `UPPER_SNAKE_CASE`.
    pub const fn builtin(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// A type that a policy defines, or `None` unless `name` is `[A-Z][A-Z0-9_]{0,63}`.
    pub fn custom(name: &str) -> Option<Self> {
        let well_formed = name.len() <= 64
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        well_formed.then(|| Self(Cow::Owned(name.to_owned())))
    }

    /// The name, in `UPPER_SNAKE_CASE`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The types of what is named: people, places, organisations.
    pub const NAMED: [Self; 3] = [Self::PERSON, Self::LOCATION, Self::ORGANIZATION];

    /// True for a type that says something of the text around it, and is no value in it: nothing takes its place, and it may
    /// overlap findings of other types.
    pub fn is_signal(&self) -> bool {
        *self == Self::PROMPT_INJECTION
    }
}

/// The built-in types.
impl EntityType {
    /// An e-mail address.
    pub const EMAIL_ADDRESS: Self = Self::builtin("EMAIL_ADDRESS");
    /// A telephone or fax number.
    pub const PHONE_NUMBER: Self = Self::builtin("PHONE_NUMBER");
    /// The name of a person.
    pub const PERSON: Self = Self::builtin("PERSON");
    /// A place: city, country, region, address part.
    pub const LOCATION: Self = Self::builtin("LOCATION");
    /// A company, agency or other body.
    pub const ORGANIZATION: Self = Self::builtin("ORGANIZATION");
    /// A postal address with street and number.
    pub const STREET_ADDRESS: Self = Self::builtin("STREET_ADDRESS");
    /// A key, token, password or the like.
    pub const SECRET: Self = Self::builtin("SECRET");
    /// A web address, with whatever credentials it carries.
    pub const URL: Self = Self::builtin("URL");
    /// An IPv4 or IPv6 address.
    pub const IP_ADDRESS: Self = Self::builtin("IP_ADDRESS");
    /// A hardware (EUI-48, EUI-64) address.
    pub const MAC_ADDRESS: Self = Self::builtin("MAC_ADDRESS");
    /// A mobile device identity.
    pub const IMEI: Self = Self::builtin("IMEI");
    /// A calendar date or a time of day.
    pub const DATE_TIME: Self = Self::builtin("DATE_TIME");
    /// A date that the text calls somebody's birth date.
    pub const DATE_OF_BIRTH: Self = Self::builtin("DATE_OF_BIRTH");
    /// How old somebody is: certain from 90 years on.
    pub const AGE: Self = Self::builtin("AGE");
    /// A login name that a keyword names as such.
    pub const USERNAME: Self = Self::builtin("USERNAME");
    /// The number of a customer, member, contract, claim, student or employee.
    pub const ACCOUNT_ID: Self = Self::builtin("ACCOUNT_ID");
    /// A personal identification number or a one-time code.
    pub const PIN: Self = Self::builtin("PIN");
    /// A vehicle identification number (VIN).
    pub const VEHICLE_ID: Self = Self::builtin("VEHICLE_ID");
    /// The serial number of a device, or of a card in it, that a keyword names as such.
    pub const DEVICE_ID: Self = Self::builtin("DEVICE_ID");
    /// A vehicle registration.
    pub const LICENSE_PLATE: Self = Self::builtin("LICENSE_PLATE");
    /// A payment card number (PAN).
    pub const CREDIT_CARD: Self = Self::builtin("CREDIT_CARD");
    /// A card's verification value.
    pub const CREDIT_CARD_CVV: Self = Self::builtin("CREDIT_CARD_CVV");
    /// A card's expiry month.
    pub const CREDIT_CARD_EXPIRY: Self = Self::builtin("CREDIT_CARD_EXPIRY");
    /// The data of a card's magnetic stripe.
    pub const CREDIT_CARD_TRACK: Self = Self::builtin("CREDIT_CARD_TRACK");
    /// An international bank account number.
    pub const IBAN_CODE: Self = Self::builtin("IBAN_CODE");
    /// A bank account number.
    pub const US_BANK_NUMBER: Self = Self::builtin("US_BANK_NUMBER");
    /// A US bank routing number.
    pub const ABA_ROUTING_NUMBER: Self = Self::builtin("ABA_ROUTING_NUMBER");
    /// A bank identifier code (BIC).
    pub const SWIFT_CODE: Self = Self::builtin("SWIFT_CODE");
    /// A wallet address.
    pub const CRYPTO: Self = Self::builtin("CRYPTO");
    /// A US social security number.
    pub const US_SSN: Self = Self::builtin("US_SSN");
    /// A US individual taxpayer number.
    pub const US_ITIN: Self = Self::builtin("US_ITIN");
    /// A US employer identification number.
    pub const US_EIN: Self = Self::builtin("US_EIN");
    /// A driver licence number.
    pub const US_DRIVER_LICENSE: Self = Self::builtin("US_DRIVER_LICENSE");
    /// A passport number.
    pub const PASSPORT: Self = Self::builtin("PASSPORT");
    /// A UK National Health Service number.
    pub const UK_NHS: Self = Self::builtin("UK_NHS");
    /// A UK national insurance number.
    pub const UK_NINO: Self = Self::builtin("UK_NINO");
    /// A national, tax or voter identity number of another country.
    pub const NATIONAL_ID: Self = Self::builtin("NATIONAL_ID");
    /// A medical record, patient, episode or health insurance number.
    pub const MEDICAL_RECORD: Self = Self::builtin("MEDICAL_RECORD");
    /// A US NPI, or a doctor's registration number elsewhere.
    pub const HEALTH_PROVIDER_ID: Self = Self::builtin("HEALTH_PROVIDER_ID");
    /// A US DEA registration number.
    pub const US_DEA: Self = Self::builtin("US_DEA");
    /// A US Medicare beneficiary identifier.
    pub const US_MBI: Self = Self::builtin("US_MBI");
    /// A sentence that tries to turn the model against its instructions or its rules. A [signal](Self::is_signal).
    pub const PROMPT_INJECTION: Self = Self::builtin("PROMPT_INJECTION");
}

impl fmt::Debug for EntityType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for EntityType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
