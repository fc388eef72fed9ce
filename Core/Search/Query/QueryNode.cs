namespace AMA.Search.Query;

/// <summary>
/// A question as a tree, within the limits of <see cref="QueryLimits"/>. No string of it is ever parsed again.
/// </summary>
public abstract record QueryNode
{
    private protected QueryNode() { }
}

/// <summary>Every record.</summary>
public sealed record AllNode : QueryNode;

/// <summary>
/// A word, an address, or anything else written without a space: several tokens of it stand side by side.
/// </summary>
/// <param name="Prefix">A word that begins so.</param>
public sealed record WordNode(QueryField Field, string Text, bool Prefix) : QueryNode;

/// <summary>Words side by side, in this order.</summary>
public sealed record PhraseNode(QueryField Field, string Text) : QueryNode;

/// <summary>Days in UTC, both included; null: open.</summary>
public sealed record DateNode(DateOnly? First, DateOnly? Last) : QueryNode;

public sealed record AndNode(IReadOnlyList<QueryNode> Parts) : QueryNode;

public sealed record OrNode(IReadOnlyList<QueryNode> Parts) : QueryNode;

public sealed record NotNode(QueryNode Part) : QueryNode;

public enum QueryField
{
    /// <summary>Subject, people, file names and bodies.</summary>
    Any,
    From,

    /// <summary>To, Cc, Bcc and the envelope's recipients.</summary>
    To,
    Subject,
    Body,
    FileName,
    MessageId,
}
