// Starts GraphiQL on /graphql, with the query of the address or an example.
"use strict";

const place = document.getElementById("graphiql");
const example = `# What works elsewhere? Find tools of the whole network in your own words.
query Find($words: String!) {
  search(query: $words, language: "en", first: 5) {
    total
    facets {
      name
      values {
        label
        count
      }
    }
    edges {
      node {
        id
        kind
        origin
        title(language: "en")
      }
      score
    }
  }
}
`;
const parameters = new URLSearchParams(window.location.search);

ReactDOM.createRoot(place).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: place.dataset.address }),
    defaultQuery: example,
    query: parameters.get("query") || undefined,
    variables: parameters.get("variables") || (parameters.has("query") ? undefined : '{ "words": "company visit" }'),
    isHeadersEditorEnabled: false,
    shouldPersistHeaders: false,
  }),
);
