namespace AMA.Search;

/// <summary>No key: the lease ended, or the index was closed. Later, with a lease, the same call works.</summary>
public sealed class IndexLockedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Somebody else writes this index: an earlier activation that has not closed it yet. Try again later.
/// </summary>
public sealed class IndexInUseException(string message, Exception inner) : Exception(message, inner);

/// <summary>The question took longer than <see cref="MailIndexOptions.SearchTimeMax"/>: ask a narrower one.</summary>
public sealed class SearchTooSlowException(TimeSpan limit)
    : Exception($"the search took longer than {limit.TotalSeconds:0.#} s: narrow it by a date or another word");
