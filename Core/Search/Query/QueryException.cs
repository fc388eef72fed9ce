namespace AMA.Search.Query;

/// <summary>The asker's fault: the message says what to do instead.</summary>
/// <param name="position">Character of the query, from 0, where it stands.</param>
public sealed class QueryException(string message, int position) : Exception(message)
{
    public int Position { get; } = position;
}
