from django.test import Client


def test_the_list_names_every_vocabulary_and_where_it_is(client: Client) -> None:
    response = client.get("/vocabularies/")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "public, max-age=3600"
    listed = response.json()["vocabularies"]
    assert [entry["name"] for entry in listed][:3] == ["activities", "school_stages", "audiences"]
    assert listed[0] == {
        "name": "activities",
        "uri": "https://havenlink.example/vocabularies/activities",
        "title": {"nl": "Activiteiten", "fr": "Activités", "de": "Aktivitäten", "en": "Activities"},
        "concept_count": 16,
        "jsonld": "http://testserver/vocabularies/activities.jsonld",
    }


def test_a_vocabulary_is_served_as_json_ld_to_anybody(client: Client) -> None:
    response = client.get("/vocabularies/school_stages.jsonld")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/ld+json"
    assert response["Cache-Control"] == "public, max-age=3600"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response.json()["@graph"][0]["@id"] == "https://havenlink.example/vocabularies/school_stages"


def test_who_has_it_already_is_told_so(client: Client) -> None:
    tag = client.get("/vocabularies/sectors.jsonld")["ETag"]
    response = client.get("/vocabularies/sectors.jsonld", headers={"If-None-Match": tag})
    assert response.status_code == 304
    assert response.content == b""


def test_an_unknown_vocabulary_is_a_clear_error_in_the_readers_language(client: Client) -> None:
    response = client.get("/vocabularies/colours.jsonld", headers={"Accept-Language": "en"})
    assert response.status_code == 404
    assert response["Content-Type"] == "application/json"
    (error,) = response.json()["errors"]
    assert (error["code"], error["field"], error["retryable"]) == ("not_found", "name", False)
    assert error["message"] == "There is no such vocabulary."
    assert error["remedy"].startswith("Choose one of: activities, school_stages, ")


def test_vocabularies_are_only_read(client: Client) -> None:
    assert client.post("/vocabularies/sectors.jsonld").status_code == 405
