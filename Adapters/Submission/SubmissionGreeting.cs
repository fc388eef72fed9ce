using System.Text;

namespace AMA.Adapters.Submission;

/// <summary>From the connection to the point where mail can be sent: banner, TLS, EHLO, AUTH.</summary>
internal static class SubmissionGreeting
{
    public static async Task<ServerOffer> GreetAsync(
        SubmissionConnection connection, SubmissionTarget target, CancellationToken cancel)
    {
        if (target.Tls == SubmissionTls.Implicit) await connection.SecureAsync(target, cancel);
        Expect(220, await connection.ReplyAsync(target.ReplyTimeMax, cancel), "the server refuses the session");
        var offer = await EhloAsync(connection, target, cancel);
        if (target.Tls == SubmissionTls.StartTls) offer = await StartTlsAsync(connection, target, offer, cancel);
        if (target.Credentials is { } credentials) await SignInAsync(connection, target, credentials, offer, cancel);
        return offer;
    }

    private static async Task<ServerOffer> EhloAsync(
        SubmissionConnection connection, SubmissionTarget target, CancellationToken cancel)
    {
        var reply = await connection.AskAsync($"EHLO {target.EhloName}", target.ReplyTimeMax, cancel);
        Expect(250, reply, "the server refuses EHLO");
        return ServerOffer.Of(reply);
    }

    private static async Task<ServerOffer> StartTlsAsync(
        SubmissionConnection connection, SubmissionTarget target, ServerOffer offer, CancellationToken cancel)
    {
        // Someone between may have taken the word out of the offer: going on in the clear is what he wants.
        if (!offer.StartTls) throw new SubmissionException("the server doesn't offer STARTTLS");
        var reply = await connection.AskAsync("STARTTLS", target.ReplyTimeMax, cancel);
        Expect(220, reply, "the server refuses STARTTLS");
        await connection.SecureAsync(target, cancel);
        return await EhloAsync(connection, target, cancel);
    }

    private static async Task SignInAsync(
        SubmissionConnection connection, SubmissionTarget target, SubmissionCredentials credentials, ServerOffer offer,
        CancellationToken cancel)
    {
        if (!offer.AuthPlain) throw new SubmissionException("the server doesn't offer AUTH PLAIN");
        var plain = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{credentials.User}\0{credentials.Password}"));
        var reply = await connection.AskAsync($"AUTH PLAIN {plain}", target.ReplyTimeMax, cancel);
        Expect(235, reply, "the server refuses the credentials");
    }

    private static void Expect(int code, SmtpReply reply, string otherwise)
    {
        if (reply.Code != code) throw new SubmissionException(otherwise, reply);
    }
}
