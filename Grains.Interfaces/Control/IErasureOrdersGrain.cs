using Orleans;

namespace AMA.Grains.Interfaces.Control;

/// <summary>
/// A tenant's orders to erase single records before their time: asked for by an auditor, approved by a tenant-admin who
/// is somebody else, carried out by the back end. Key: "{region}/{tenant id}". Throws <see cref="ControlException"/>.
/// </summary>
[Alias("ama.control.erasure-orders")]
public interface IErasureOrdersGrain : IGrainWithStringKey
{
    [Alias("open")] Task<ErasureOrderView> Open(string accessToken, Guid[] records);
    [Alias("order")] Task<ErasureOrderView> Order(string accessToken, NewOrder order);
    [Alias("approve")] Task<ErasureOrderView> Approve(string accessToken, Guid order);

    /// <summary>Newest first.</summary>
    [Alias("list")] Task<ErasureOrderView[]> List(string accessToken);

    /// <summary>For the back end: approved orders that are not done. A signed request of purpose erase.</summary>
    [Alias("waiting")] Task<ErasureTask[]> Waiting(byte[] signedRequest);

    /// <summary>
    /// The keys of the leaves listed are erased when it returns. The request names the order and the batch of the
    /// tenant's log that says so. May be repeated.
    /// </summary>
    [Alias("carry-out")] Task CarryOut(byte[] signedRequest);

    /// <summary>No search finds the order's records any more. May be repeated.</summary>
    [Alias("finish")] Task Finish(byte[] signedRequest);
}

/// <summary>What becomes of what an order is about.</summary>
public enum OrderKind
{
    /// <summary>Single records are erased.</summary>
    Erase,
    /// <summary>They are not erased, and outlive their part, until they are let go.</summary>
    Hold,
    LetGo,
    /// <summary>All of a retention part is erased, but for what is held.</summary>
    EndPart,
}

/// <param name="Records">Record ids; none for the end of a part.</param>
/// <param name="Epoch">Of the part that ends; otherwise 0.</param>
[GenerateSerializer, Immutable, Alias("ama.control.new-order")]
public sealed record NewOrder(
    [property: Id(0)] OrderKind Kind, [property: Id(1)] Guid[] Records, [property: Id(2)] ushort Class,
    [property: Id(3)] uint Epoch);

/// <param name="Id">The order.</param>
/// <param name="Records">Record ids.</param>
[GenerateSerializer, Immutable, Alias("ama.control.erasure-task")]
public sealed record ErasureTask(
    [property: Id(0)] Guid Id, [property: Id(1)] Guid[] Records, [property: Id(2)] OrderKind Kind = OrderKind.Erase,
    [property: Id(3)] ushort Class = 0, [property: Id(4)] uint Epoch = 0);

/// <param name="UnreadableAt">
/// "Unreadable in service": keys erased, and found by no search. Of holds: when it was carried out. Null: not yet.
/// </param>
/// <param name="FinalAt">
/// "Final everywhere": when the last key was really destroyed that opens any copy. Null: the day is not known yet.
/// </param>
/// <param name="Refusal">Why it was not carried out; null: it was, or will be.</param>
/// <param name="Epoch">Of the part that ends; otherwise 0.</param>
[GenerateSerializer, Immutable, Alias("ama.control.erasure-order-view")]
public sealed record ErasureOrderView(
    [property: Id(0)] Guid Id, [property: Id(1)] Guid[] Records, [property: Id(2)] string OpenedBy,
    [property: Id(3)] DateTimeOffset OpenedAt, [property: Id(4)] string? ApprovedBy,
    [property: Id(5)] DateTimeOffset? UnreadableAt, [property: Id(6)] DateTimeOffset? FinalAt,
    [property: Id(7)] string? Refusal, [property: Id(8)] OrderKind Kind, [property: Id(9)] uint Epoch);
