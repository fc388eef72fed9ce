using System.CommandLine;
using AMA.Adapters.Submission;
using AMA.Gateway.Cli.Identity;
using AMA.Gateway.Cli.Sending;

namespace AMA.Gateway.Cli.Verbs;

/// <summary>Arguments and options of <c>ama send</c>, and how they become an order.</summary>
internal sealed class SendSymbols
{
    public Argument<string[]> Files { get; } = new("FILE")
    {
        Description = "Files and folders.",
        Arity = ArgumentArity.OneOrMore,
    };

    public Option<string[]> To { get; } = new("--to")
    {
        Description = "Recipient: a journal address. May be given several times.",
        HelpName = "ADDRESS",
        Required = true,
    };

    public Option<string?> From { get; } = new("--from")
    {
        Description = "Sender in the envelope; the null sender <> when left out.",
        HelpName = "ADDRESS",
    };

    public Option<string?> Server { get; } = new("--server")
    {
        Description = $"SMTP server. Otherwise AMA_SMTP, or 127.0.0.1:{SmtpAddress.StartTlsPort} "
            + $"({SmtpAddress.ImplicitTlsPort} with --implicit-tls).",
        HelpName = "HOST:PORT",
    };

    public Option<string?> User { get; } = new("--user")
    {
        Description = "Sign in as this source of the tenant ('ama source add auth' makes one). Otherwise AMA_SMTP_USER; "
            + "without both nobody signs in, and this machine's address must be a source.",
        HelpName = "NAME",
    };

    public Option<string?> PasswordFile { get; } = new("--password-file")
    {
        Description = "File whose first line is the source's password; - for standard input. Otherwise "
            + "AMA_SMTP_PASSWORD, or the terminal is asked.",
        HelpName = "FILE",
    };

    public Option<bool> ImplicitTls { get; } = new("--implicit-tls")
    {
        Description = "TLS from the first byte instead of STARTTLS.",
    };

    public Option<int?> Connections { get; } = WholeNumber.Option("--connections",
        $"Connections at a time, 1 to {SendOrder.ConnectionsMax}; {SendOrder.ConnectionsDefault} when left out.",
        1, SendOrder.ConnectionsMax);

    public Option<int?> Retries { get; } = WholeNumber.Option("--retries",
        $"How often to try again after a 4xx or a broken connection, 0 to {SendOrder.RetriesMax}; "
        + $"{SendOrder.RetriesDefault} when left out. Waits 0.5 s, then twice as long each time, up to 30 s.",
        0, SendOrder.RetriesMax);

    public Option<string?> Receipts { get; } = new("--receipts")
    {
        Description = "Add a line for each message to this file: source, SHA-256 of the bytes sent, outcome, receipt "
            + "or reason; parted by tabs.",
        HelpName = "FILE",
    };

    public Option<bool> Resume { get; } = new("--resume")
    {
        Description = "Leave out what the receipt file says has been delivered.",
    };

    public Option<string?> Fingerprint { get; } = new("--tls-fingerprint")
    {
        Description = "Trust exactly the certificate with this SHA-256.",
        HelpName = "SHA256",
    };

    public Option<string?> Authorities { get; } = new("--ca")
    {
        Description = "Trust certificates issued by these (PEM).",
        HelpName = "FILE",
    };

    public Option<bool> Insecure { get; } = new("--insecure")
    {
        Description = "Trust any certificate: whoever stands between can read the mail. For tests.",
    };

    public void AddTo(Command command)
    {
        command.Add(Files);
        foreach (var option in (Option[])[Connections, Retries, Receipts, Resume])
            command.Add(option);
        AddRouteTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(Resume) && result.GetValue(Receipts) is null)
                result.AddError("--resume needs --receipts.");
        });
    }

    /// <summary>Whom to send to and how, without what.</summary>
    public void AddRouteTo(Command command)
    {
        foreach (var option in (Option[])[To, From, Server, User, PasswordFile, ImplicitTls, Fingerprint, Authorities, Insecure])
            command.Add(option);
        command.Validators.Add(result =>
        {
            var trusts = (result.GetValue(Fingerprint) is null ? 0 : 1) + (result.GetValue(Authorities) is null ? 0 : 1)
                + (result.GetValue(Insecure) ? 1 : 0);
            if (trusts > 1) result.AddError("Of --tls-fingerprint, --ca and --insecure only one has a meaning.");
        });
    }

    /// <summary>Throws <see cref="ExitCode.Usage"/> for what cannot be meant.</summary>
    public SendOrder Read(Invocation call)
    {
        var arguments = call.Parsed;
        var paths = arguments.GetRequiredValue(Files);
        if (paths.FirstOrDefault(path => !File.Exists(path) && !Directory.Exists(path)) is { } missing)
            throw new CliException(ExitCode.Usage, $"There is no {missing}.");
        return ReadRoute(call, null) with
        {
            Paths = paths,
            Connections = arguments.GetValue(Connections) ?? SendOrder.ConnectionsDefault,
            Retries = new(arguments.GetValue(Retries) ?? SendOrder.RetriesDefault, call.Around.Random),
            Known = arguments.GetValue(Resume)
                ? ReceiptFile.ReadDelivered(arguments.GetRequiredValue(Receipts)!)
                : new HashSet<(string, string)>(),
        };
    }

    /// <summary>An order of nothing yet, over one connection.</summary>
    /// <param name="via">A server that goes before those of options and environment.</param>
    public SendOrder ReadRoute(Invocation call, string? via) => new()
    {
        Paths = [],
        From = call.Parsed.GetValue(From) is { Length: > 0 } from ? SendOrder.CheckAddress(from) : "",
        Recipients = [.. call.Parsed.GetRequiredValue(To).Select(SendOrder.CheckAddress)],
        Target = ReadTarget(call, via),
        Connections = 1,
        Retries = new(0, call.Around.Random),
    };

    private SubmissionTarget ReadTarget(Invocation call, string? via)
    {
        var arguments = call.Parsed;
        var isImplicit = arguments.GetValue(ImplicitTls);
        var server = SmtpAddress.Parse(via ?? arguments.GetValue(Server) ?? call.Around.Variable("AMA_SMTP")
            ?? $"127.0.0.1:{(isImplicit ? SmtpAddress.ImplicitTlsPort : SmtpAddress.StartTlsPort)}");
        var trust = new TrustChoice(
            arguments.GetValue(Fingerprint), arguments.GetValue(Authorities), arguments.GetValue(Insecure));
        return new()
        {
            Host = server.Host,
            Port = server.Port,
            Tls = isImplicit ? SubmissionTls.Implicit : SubmissionTls.StartTls,
            Trust = trust.Resolve(server, call.DataDirectory),
            Credentials = ReadCredentials(call, fromEnvironment: via is null),
        };
    }

    /// <param name="fromEnvironment">AMA_SMTP_USER is the archive's: no other server must see its password.</param>
    private SubmissionCredentials? ReadCredentials(Invocation call, bool fromEnvironment)
    {
        var user = call.Parsed.GetValue(User) ?? (fromEnvironment ? call.Around.Variable("AMA_SMTP_USER") : null);
        var file = call.Parsed.GetValue(PasswordFile);
        if (user is null && file is not null) throw new CliException(ExitCode.Usage, "--password-file needs --user.");
        if (user is null) return null;
        var password = file is not null
            ? SecretInput.FromFile(file, call.Around)
            : (fromEnvironment ? call.Around.Variable("AMA_SMTP_PASSWORD") : null) ?? SecretInput.FromTerminal($"Password of {user}:", call.Around);
        return new(user, password);
    }
}
