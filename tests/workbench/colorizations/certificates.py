"""A certificate for signing as C2PA asks for one, with its root."""

import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def _name(common: str) -> x509.Name:
    parts = {NameOID.COUNTRY_NAME: "US", NameOID.ORGANIZATION_NAME: "Test", NameOID.COMMON_NAME: common}
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts.items()])


def _unsigned(common: str, key: ec.EllipticCurvePrivateKey, usage: dict[str, bool], of_root: bool) -> x509.CertificateBuilder:
    now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    kinds = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
    )
    uses = x509.KeyUsage(**{kind: usage.get(kind, False) for kind in kinds}, encipher_only=False, decipher_only=False)
    return (
        x509.CertificateBuilder(_name("root"), _name(common), key.public_key(), x509.random_serial_number(), now - day, now + 30 * day)
        .add_extension(x509.BasicConstraints(of_root, None), critical=True)
        .add_extension(uses, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def write_chain(chain: Path, key: Path) -> None:
    """Write the signing certificate and its root to `chain`, the private key to `key`, as PEM."""
    root_key, leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _unsigned("root", root_key, {"key_cert_sign": True, "crl_sign": True}, True).sign(root_key, hashes.SHA256())
    leaf = (
        _unsigned("leaf", leaf_key, {"digital_signature": True}, False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    chain.write_bytes(b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (leaf, root)))
    secret = serialization.NoEncryption()
    key.write_bytes(leaf_key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secret))
