from core.records.models import Record


def address(*uuids, language="en", more=""):
    return f"/{language}/compare?" + "&".join(f"id={uuid}" for uuid in uuids) + more


def test_a_column_can_be_taken_away_and_another_added(client, inventory):
    tools = list(Record.objects.filter(kind="tool").order_by("uuid")[:3])
    response = client.get(address(*(tool.uuid for tool in tools)))

    assert response.context["columns"][1].without == f"/en/compare?id={tools[0].uuid}&id={tools[2].uuid}"
    addable = response.context["addable"]
    assert len(addable) == 6
    ids = "&".join(f"id={tool.uuid}" for tool in tools)
    assert addable[0].address == f"/en/compare?{ids}&id={addable[0].brief.uuid}"


def test_what_is_proposed_does_the_same_elsewhere(client, inventory):
    chosen = next(record for record in Record.objects.select_related("entry") if "Port Xpert" in str(record.document))
    proposed = [one.brief for one in client.get(address(chosen.uuid)).context["addable"]]

    assert {brief.activity for brief in proposed} == {"company_visit"}
    assert len({brief.region for brief in proposed} | {"antwerp"}) == 7


def test_a_search_for_one_more(client, inventory):
    chosen = Record.objects.filter(kind="tool").first()
    response = client.get(
        address(chosen.uuid, more="&q=girls+day"), headers={"HX-Request": "true", "HX-Target": "candidates"}
    )

    assert response.templates[0].name == "tools_inventory/_candidates.html"
    assert "Girls" in response.context["addable"][0].brief.title.text


def test_five_records_cost_the_queries_of_two(client, inventory, django_assert_num_queries):
    tools = [tool.uuid for tool in Record.objects.filter(kind="programme").order_by("uuid")[:4]]
    client.get(address(*tools[:2]))

    for count in (2, 4):
        with django_assert_num_queries(5):
            client.get(address(*tools[:count]))
