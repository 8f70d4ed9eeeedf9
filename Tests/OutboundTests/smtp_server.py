"""A mail server for tests: smtp_server.py FOLDER MODE, where MODE is plain, starttls, tls or login. Prints its port, and writes
each letter that it takes as a line of JSON into FOLDER/letters. `ann` logs in with `s3cret`. Nobody is at `nobody@`. It ends with
its standard input."""

import asyncio
import email
import email.policy
import json
import pathlib
import ssl
import subprocess
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

folder, mode = pathlib.Path(sys.argv[1]), sys.argv[2]


class Letters:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 There is nobody of this name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        with (folder / "letters").open("a") as file:
            json.dump(
                {
                    "from": envelope.mail_from,
                    "to": envelope.rcpt_tos,
                    "headers": {name: str(value) for name, value in letter.items()},
                    "text": letter.get_content(),
                    "defects": [str(defect) for defect in letter.defects],
                    "encrypted": session.ssl is not None or mode == "tls",
                    "user": session.auth_data.decode() if session.authenticated else None,
                },
                file,
            )
            file.write("\n")
        return "250 Taken"


def authenticate(server, session, envelope, mechanism, data):
    if isinstance(data, LoginPassword) and (data.login, data.password) == (b"ann", b"s3cret"):
        return AuthResult(success=True, auth_data=data.login)
    return AuthResult(success=False, handled=False)


def certificate():
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


async def main():
    options, encryption = {}, None
    if mode == "tls":
        encryption = certificate()
    elif mode in ("starttls", "login"):
        options = {"tls_context": certificate(), "require_starttls": True, "authenticator": authenticate}
        if mode == "login":
            options["auth_exclude_mechanism"] = ["PLAIN"]
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Letters(), loop=loop, hostname="localhost", **options), "127.0.0.1", 0, ssl=encryption)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
