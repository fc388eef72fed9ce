namespace AMA.Search.Query;

/// <summary>The query language of docs/search.md.</summary>
public static class QueryParser
{
    /// <summary>The empty query asks for everything. Throws <see cref="QueryException"/>, nothing else.</summary>
    public static QueryNode Parse(string query) => throw new NotImplementedException();
}
