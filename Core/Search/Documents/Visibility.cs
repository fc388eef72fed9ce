namespace AMA.Search.Documents;

/// <summary>
/// Whose eyes: everything of the tenant, or what names one of some addresses as sender or recipient, in a header or
/// in the envelope of any delivery. Applied outside the question, so that no question can widen it.
/// </summary>
public sealed class Visibility
{
    private Visibility(IReadOnlyList<string>? addresses) => Addresses = addresses;

    public static Visibility All { get; } = new(null);

    /// <summary>No address: nothing is seen.</summary>
    public static Visibility Of(IEnumerable<string> addresses) => new(addresses.Distinct().ToArray());

    /// <summary>Null: everything.</summary>
    public IReadOnlyList<string>? Addresses { get; }
}
