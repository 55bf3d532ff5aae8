"""A certificate made when a server starts: whoever is told it calls that server, and no other."""

from __future__ import annotations

import os
import ssl
import tempfile
from datetime import UTC, datetime, timedelta

NAME = "spiral-dash"
EARLIER, LATER = timedelta(days=1), timedelta(days=3650)
"""Clocks of machines differ, and a server may run for long."""


def make() -> tuple[ssl.SSLContext, str]:
    """Return what a server listens with, and its certificate as PEM; the key is kept nowhere."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + LATER)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    public: bytes = certificate.public_bytes(serialization.Encoding.PEM)
    private: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    _load(context, public + private)
    return context, public.decode()


def _load(context: ssl.SSLContext, both: bytes) -> None:
    """Hand over a certificate with its key, which the library reads from a file alone."""
    handle, path = tempfile.mkstemp()
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(both)
        context.load_cert_chain(path)
    finally:
        os.unlink(path)
