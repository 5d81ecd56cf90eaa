"""The house's signature: Ed25519, with a key that is made once and never leaves the house's secrets."""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tulou.contracts.registry.messages import SigningKey
from tulou.ports.secrets import Secrets
from tulou.services.registry.domain import PAYLOAD_TYPE, Envelope, signed_bytes

SECRET_NAME = "signing-key"  # noqa: S105 - the name of a secret, not one
ALGORITHM = "ed25519"


class Signer:
    """Signs statements, and knows its own signature again."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self._public = private.public_key()
        self.public = _published(self._public)

    @staticmethod
    async def of(secrets: Secrets) -> "Signer":
        """Return the house's signer; its key is made by whoever asks first."""
        fresh = Ed25519PrivateKey.generate().private_bytes_raw()
        kept = await secrets.find(SECRET_NAME) or await secrets.create(SECRET_NAME, fresh)
        return Signer(Ed25519PrivateKey.from_private_bytes(kept))

    def sign(self, payload: bytes) -> Envelope:
        """Return an envelope around a statement."""
        signature = self._private.sign(signed_bytes(PAYLOAD_TYPE, payload))
        return Envelope(payload_type=PAYLOAD_TYPE, payload=payload, key_id=self.public.key_id, signature=signature)

    def is_ours(self, envelope: Envelope) -> bool:
        """Say whether the house's key made this signature over this payload."""
        try:
            self._public.verify(envelope.signature, signed_bytes(envelope.payload_type, envelope.payload))
        except InvalidSignature:
            return False
        return True


def _published(public: Ed25519PublicKey) -> SigningKey:
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return SigningKey(key_id=hashlib.sha256(der).hexdigest(), algorithm=ALGORITHM, pem=pem)
