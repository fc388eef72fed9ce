using AMA.Archive.Keys.Leases;
using Xunit;

namespace AMA.Tests.Unit.Core.Archive.Leases;

/// <summary>What a revocation ends, what it refuses afterwards, and for how long it is remembered.</summary>
public sealed class RevocationBookTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private static readonly Guid Tenant = new(1, 2, 3, new byte[8]);
    private static readonly Guid Session = new(4, 5, 6, new byte[8]);
    private static readonly Guid Lease = new(7, 8, 9, new byte[8]);
    private static readonly LeaseFacts Facts = new(Tenant, "silo-1", Session, Lease);

    public static TheoryData<Revocation> Matching =>
    [
        Revocation.OfTenant(Tenant, held: false), Revocation.OfSilo("silo-1", held: false),
        Revocation.OfRegion(held: false), Revocation.OfSession(Session), Revocation.OfLease(Lease),
    ];

    public static TheoryData<Revocation> Others =>
    [
        Revocation.OfTenant(Session, held: true), Revocation.OfSilo("silo-10", held: true),
        Revocation.OfSession(Tenant), Revocation.OfLease(Tenant),
    ];

    [Theory, MemberData(nameof(Matching))]
    public void WhatWasGrantedBefore_Ends(Revocation revocation)
    {
        var book = new RevocationBook().Add(revocation, Now);
        Assert.NotNull(book.Ended(Facts, Now.AddMinutes(-1)));
        Assert.NotNull(book.Ended(Facts, Now));
    }

    [Theory, MemberData(nameof(Others))]
    public void WhatItIsNotAbout_GoesOn(Revocation revocation)
    {
        var book = new RevocationBook().Add(revocation, Now);
        Assert.Null(book.Ended(Facts, Now));
        Assert.Null(book.RefusesNew(Facts));
    }

    [Fact]
    public void WithoutAHold_WhatIsAskedForAfterwards_IsGranted()
    {
        var book = new RevocationBook().Add(Revocation.OfTenant(Tenant, held: false), Now);
        Assert.Null(book.RefusesNew(Facts));
        Assert.Null(book.Ended(Facts, Now.AddSeconds(1)));
    }

    [Fact]
    public void Quarantine_LastsUntilItIsLifted_HoweverLong()
    {
        var book = new RevocationBook().Add(Revocation.OfSilo("silo-1", held: true), Now);
        book = book.Add(Revocation.OfTenant(Session, held: false), Now.AddDays(400));
        Assert.Contains("quarantine", book.RefusesNew(Facts));

        var lifted = book.Lift(Revocation.OfSilo("silo-1", held: false));

        Assert.NotNull(lifted);
        Assert.Null(lifted.RefusesNew(Facts));
        Assert.NotNull(lifted.Ended(Facts, Now)); // what was granted before it stays ended
        Assert.Null(lifted.Lift(Revocation.OfSilo("silo-1", held: false)));
    }

    [Fact]
    public void Session_IsNeverLifted_AndForgottenOnlyAfterItsTokenRanOut()
    {
        var book = new RevocationBook().Add(Revocation.OfSession(Session), Now);
        Assert.Null(book.Lift(Revocation.OfSession(Session)));
        book = book.Add(Revocation.OfRegion(held: false), Now.AddHours(8.9));
        Assert.Contains("session", book.RefusesNew(Facts));
        book = book.Add(Revocation.OfRegion(held: false), Now.AddHours(9.1));
        Assert.Null(book.RefusesNew(Facts));
    }

    /// <summary>One person with a script must not keep others from revoking.</summary>
    [Fact]
    public void Sessions_FillNothing_TheOldestGo_AndTheOthersStay()
    {
        var full = new RevocationBook
        {
            Version = RevocationBook.SessionsMax + 1,
            Entries =
            [
                Revocation.OfTenant(Tenant, held: true) with { Version = 1, At = Now },
                .. Enumerable.Range(0, RevocationBook.SessionsMax).Select(
                    i => Revocation.OfSession(new(i, 0, 0, new byte[8])) with { Version = i + 2, At = Now }),
            ],
        };
        var silo = full.Add(Revocation.OfSilo("silo-2", held: true), Now);
        Assert.NotNull(silo.RefusesNew(new(Session, "silo-2", null, null)));
        var session = silo.Add(Revocation.OfSession(Session), Now);
        Assert.NotNull(session.RefusesNew(new(Session, "silo-1", Session, null)));
        Assert.NotNull(session.RefusesNew(Facts with { Session = null }));
        Assert.Equal(RevocationBook.SessionsMax + 2, session.Entries.Length);
        Assert.Null(session.RefusesNew(new(Session, "silo-1", new Guid(0, 0, 0, new byte[8]), null)));
    }

    [Fact]
    public void Since_TellsWhatIsNew_AndAllOfItToWhoeverKnowsALaterBook()
    {
        var book = new RevocationBook().Add(Revocation.OfSession(Session), Now).Add(Revocation.OfLease(Lease), Now);
        Assert.Equal([1L, 2L], book.Since(0).Select(entry => entry.Version));
        Assert.Equal([2L], book.Since(1).Select(entry => entry.Version));
        Assert.Empty(book.Since(2));
        Assert.Equal(2, book.Since(9).Length);
    }
}
