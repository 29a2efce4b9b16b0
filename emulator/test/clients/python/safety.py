"""That a broken set-up stops the client instead of sending it to the real Azure."""

import os
import unittest
from unittest.mock import patch

import run
from azure.ai.ml.exceptions import MlException

import lab


class Safety(unittest.TestCase):
    def test_a_certificate_that_is_not_trusted_stops_the_client(self):
        with patch.dict(os.environ, {"REQUESTS_CA_BUNDLE": __import__("certifi").where()}):
            with self.assertRaisesRegex(MlException, "Unknown cloud environment"):
                list(lab.client().workspaces.list())

    def test_an_emulator_that_does_not_run_stops_the_client(self):
        with patch.dict(os.environ, {"ARM_CLOUD_METADATA_URL": "https://127.0.0.1:9/metadata/endpoints"}):
            with self.assertRaisesRegex(MlException, "Unknown cloud environment"):
                list(lab.client().workspaces.list())

    def test_the_trap_without_the_name_of_the_cloud_is_real_and_the_guard_catches_it(self):
        class Token:
            def get_token(self, *scopes, **_):
                from azure.core.credentials import AccessToken

                return AccessToken("none", 4102444800)

        import socket

        from azure.ai.ml import MLClient

        asked = []

        def refuse(host, *args, **kwargs):
            if host in run.LOCAL:
                return run.resolve(host, *args, **kwargs)
            asked.append(host)
            raise socket.gaierror(-2, "refused")

        broken = {"ARM_CLOUD_METADATA_URL": "https://127.0.0.1:9/metadata/endpoints", "AZUREML_CURRENT_CLOUD": ""}
        with patch.dict(os.environ, broken), patch.object(socket, "getaddrinfo", refuse):
            del os.environ["AZUREML_CURRENT_CLOUD"]
            with self.assertRaises(Exception):
                list(MLClient(Token(), "s", "g", "w", retry_total=0).workspaces.list())
        self.assertEqual(set(asked), {"management.azure.com"})
