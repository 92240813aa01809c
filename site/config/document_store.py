"""Where case documents lie when they lie in S3: settings of django-storages, in one place for settings and tests."""

from typing import Any

from botocore.config import Config

LINK_SECONDS = 300  # how long a link into the store opens anything

# A person waits for the answer: after some ten seconds they are told that the store is away. Three attempts in all;
# botocore itself tries again what may come right (no connection, time-outs, 5xx, "slow down") and nothing else.
CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 3, 15, 3


def on_s3(*, bucket: str, region: str, endpoint: str = "") -> dict[str, Any]:
    """A row of STORAGES for a bucket of Amazon's, or of another S3 at `endpoint`. Keys come from the task's role.

    No object is public (no ACL is ever sent), every object is encrypted by the store, names are never used twice.
    """
    return {
        "BACKEND": "cases.files.s3.DocumentsOnS3",
        "OPTIONS": {
            "bucket_name": bucket,
            "region_name": region,
            "endpoint_url": endpoint or None,
            "default_acl": None,
            "querystring_auth": True,
            "querystring_expire": LINK_SECONDS,
            "file_overwrite": False,
            "max_memory_size": 2 * 1024 * 1024,  # bytes of a file that is being read; the rest waits on the disk
            "object_parameters": {"ServerSideEncryption": "AES256"},
            "client_config": Config(
                signature_version="s3v4",
                s3={"addressing_style": "path" if endpoint else "auto"},
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
                # Checksums that only Amazon's S3 asks for are left out where the store is another.
                request_checksum_calculation="when_required" if endpoint else "when_supported",
                response_checksum_validation="when_required" if endpoint else "when_supported",
            ),
        },
    }
