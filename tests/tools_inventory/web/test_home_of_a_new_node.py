def test_a_new_node_says_that_nothing_is_there_yet(client, db):
    content = client.get("/en/").content.decode()

    assert "Nothing is published here yet" in content
    assert 'action="/en/search"' in content
